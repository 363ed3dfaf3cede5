/** How the carrier sends a webhook. */
export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Who calls whom. Whole numbers. */
export interface CarrierCall {
  readonly id: string
  readonly caller: string
  readonly dialled: string
}

/** What Vobiz sends for an incoming call, field by field. It spells the caller whole and the dialled number nationally. */
export function callBody({ id, caller, dialled }: CarrierCall): string {
  return new URLSearchParams({
    CallUUID: id,
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
