/**
 * Which buttons to offer. The server decides by itself; this only spares people a refusal.
 */
const ACKNOWLEDGE = ['coordinator', 'case_manager', 'pharmacist', 'courier', 'manufacturer', 'qa'];
const RESOLVE = ['coordinator', 'case_manager', 'pharmacist', 'qa'];
const OFFICE = ['coordinator', 'case_manager', 'qa', 'auditor', 'administrator', 'service'];
const REPLAY = ['coordinator', 'administrator', 'qa'];

export const mayAcknowledge = (role: string | undefined): boolean =>
  role !== undefined && ACKNOWLEDGE.includes(role);
export const mayResolve = (role: string | undefined): boolean =>
  role !== undefined && RESOLVE.includes(role);
export const mayReplay = (role: string | undefined): boolean =>
  role !== undefined && REPLAY.includes(role);
export const maySeeQuarantine = (role: string | undefined): boolean =>
  role !== undefined && OFFICE.includes(role);
/** Who may have a signing key: all people but the auditor, who only looks. */
export const mayHaveKey = (role: string | undefined): boolean =>
  role !== undefined && role !== 'auditor' && role !== 'logger';
