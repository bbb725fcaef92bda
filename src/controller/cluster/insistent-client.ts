import { Backoff } from '../../base/backoff.ts'
import { pause } from '../../base/pause.ts'
import { reasonOf } from '../../base/reason-of.ts'
import { ApiFailure, leaveAloneMs } from '../../kubernetes/client/api-failure.ts'
import type { ClusterClient } from '../../kubernetes/client/cluster-client.ts'
import type { ClusterPorts } from './cluster-ports.ts'

const tempo = { minMs: 500, maxMs: 10_000 }

/**
 * A client whose calls are made as often as it takes, while the API server is away or has other things to do: for what
 * a controller cannot begin without. Only what is no harm when it is done twice.
 *
 * A call throws when trying again would change nothing, or everything is being stopped.
 */
export function insistentClient({
  client,
  clock,
  log,
  random,
  scope,
}: Pick<ClusterPorts, 'clock' | 'log' | 'random' | 'scope'> & {
  readonly client: Pick<ClusterClient, 'call'>
}): Pick<ClusterClient, 'call'> {
  const ending = new AbortController()
  scope.onStop('insistence', () => ending.abort())
  return {
    async call(call) {
      const backoff = new Backoff(tempo, random)
      for (;;) {
        try {
          return await client.call(call)
        } catch (error) {
          if (!isPassing(error) || ending.signal.aborted) throw error
          log.warn({ reason: reasonOf(error) }, 'the cluster is asked again')
          await pause(leaveAloneMs(error) + backoff.next(), clock, ending.signal)
        }
      }
    },
  }
}

/** No answer, too many calls, or trouble of the server's own. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiFailure)) return false
  const { status } = error
  return status === 0 || status === 429 || status >= 500
}
