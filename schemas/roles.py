"""Who may do what is decided by role; this is the closed set of them (domain.md section 7)."""

from enum import StrEnum


class Role(StrEnum):
    """What a person, a logger or a program is in the chain."""

    COORDINATOR = "coordinator"
    CASE_MANAGER = "case_manager"
    PHARMACIST = "pharmacist"
    COURIER = "courier"
    MANUFACTURER = "manufacturer"
    QA = "qa"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    LOGGER = "logger"
    SERVICE = "service"
