/** How the carrier sends a webhook. */
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** What Vobiz sends for an incoming call, field by field. It spells the caller whole and the dialled number nationally. */
export function callBody(caller: string, dialled: string): string {
  return new URLSearchParams({
    CallUUID: '8b1f3c52-7a44-4a0f-9d5e-2f6a1c0e7b93',
    Event: 'StartApp',
    CallStatus: 'ringing',
    Direction: 'inbound',
    From: caller,
    To: dialled.replace(/^91/, '0'),
    CallerName: `+${caller}`,
    ParentAuthID: 'MA_XXXXXXXX',
    SessionStart: '2026-06-08 09:30:00.000000',
    STIRAttestation: 'Not Applicable',
    STIRVerification: 'Not Applicable',
    BillRate: '0',
    CountryCode: '',
    RouteType: '',
  }).toString()
}
