"""A fleet of shipments that never existed: physics, lanes, mishaps, loggers, load.

An outsider on purpose. It speaks the two wire formats (SenML over MQTT, JSON over HTTP) and shares
no code with the service, so that what it finds about the service is evidence.
"""
