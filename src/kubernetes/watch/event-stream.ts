import type { Clock } from '../../base/clock.ts'
import { asMap, type PlainMap } from '../../documents/plain-map.ts'
import { ApiFailure } from '../client/api-failure.ts'
import type { ClusterClient } from '../client/cluster-client.ts'
import type { ListQuery } from './list-objects.ts'

/** Where a stream begins, and who hears of it. */
export interface StreamOptions extends ListQuery {
  /** What was seen last; the stream brings what came after it. */
  readonly resourceVersion: string
  /** The server ends the stream after this time. */
  readonly timeoutSeconds: number
  /** Once, when the server began to answer. */
  onOpen(): void
  /** Each change, and bookmarks; `ERROR` never. */
  onEvent(type: string, raw: PlainMap): void
}

/** Bookmarks come about every minute; a stream without any for so long has broken unnoticed. */
const silenceMs = 180_000

/**
 * Follows one stream to its end, which is nothing special. Says whether it broke off unnoticed: it was silent for too
 * long.
 *
 * @throws {ApiFailure} of status 410 when the server no longer knows where it should begin, or as it says.
 */
export async function followEvents(
  options: StreamOptions,
  client: Pick<ClusterClient, 'watch'>,
  clock: Clock,
): Promise<{ readonly wasSilent: boolean }> {
  const { path, selectors, resourceVersion, timeoutSeconds } = options
  const own = new AbortController()
  const end = () => own.abort()
  let failure: ApiFailure | undefined
  let wasSilent = false
  let heardAt = clock.now()
  let cancel = clock.after(silenceMs, checkSilence)
  function checkSilence(): void {
    const leftMs = heardAt + silenceMs - clock.now()
    wasSilent = leftMs <= 0
    if (wasSilent) own.abort()
    else cancel = clock.after(leftMs, checkSilence)
  }
  options.signal.addEventListener('abort', end)
  try {
    await client.watch({
      path,
      query: { ...selectors, resourceVersion, timeoutSeconds, allowWatchBookmarks: true },
      signal: own.signal,
      accept: options.accept,
      onOpen: () => options.onOpen(),
      onEvent(type, object) {
        if (own.signal.aborted || options.signal.aborted) return
        heardAt = clock.now()
        if (type === 'ERROR') {
          failure = failureOf(path, object)
          own.abort()
        } else options.onEvent(type, object)
      },
    })
  } catch (error) {
    if (!own.signal.aborted) throw error
  } finally {
    cancel()
    options.signal.removeEventListener('abort', end)
  }
  if (failure) throw failure
  return { wasSilent }
}

/** An event may say what an answer may say (Kubernetes: meta/v1 Status). */
function failureOf(path: string, { code, reason, message, details }: PlainMap): ApiFailure {
  const seconds = asMap(details)['retryAfterSeconds']
  return new ApiFailure(`watch ${path}`, {
    status: typeof code === 'number' ? code : 500,
    reason: typeof reason === 'string' ? reason : '',
    message: typeof message === 'string' ? message : 'the server ended the stream with an error',
    ...(typeof seconds === 'number' && seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {}),
  })
}

/** Whether a watch may go on after such a failure from where it was; otherwise everything is listed. */
export function mayResume(status: number): boolean {
  return status === 0 || status === 401 || status === 429 || (status >= 500 && status !== 504)
}
