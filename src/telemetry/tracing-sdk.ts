/** Where the API of OpenTelemetry keeps what was registered with it, whatever copy of it was used. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

/** Whether this process has a tracing SDK. To ask the API itself would load it, which all starts would pay for. */
export function hasTracingSdk(): boolean {
  const { [REGISTERED]: registered } = globalThis as { [REGISTERED]?: { readonly trace?: unknown } }
  return registered?.trace !== undefined
}
