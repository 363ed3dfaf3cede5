/** Seconds: more than the checks a load balancer needs to see us unready. */
const DEFAULT_DRAIN_DELAY = 5

/** How long to go on answering after SIGTERM, in milliseconds: as configured, else not at all for somebody at a terminal. */
export function drainDelayMs({
  configured,
  stdin,
}: {
  configured: number | undefined
  stdin: { isTTY?: boolean }
}) {
  return 1_000 * (configured ?? (stdin.isTTY ? 0 : DEFAULT_DRAIN_DELAY))
}
