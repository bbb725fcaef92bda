import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { ClusterClient } from './cluster-client.ts'
import { openPodStream, type PodPort } from './pod-stream.ts'

/** What a page of a pod says. */
export interface PodPage {
  readonly status: number
  readonly text: string
}

const timeoutMs = 60_000

/**
 * Reads a page that a pod may show on its loopback only.
 * @throws {ApiFailure} when the pod cannot be reached.
 */
export async function readPodPage(
  client: ClusterClient,
  port: PodPort,
  path: string,
): Promise<PodPage> {
  const stream = await openPodStream(client, port)
  try {
    const asked = request({
      createConnection: () => stream,
      path,
      headers: { host: `127.0.0.1:${port.port}`, connection: 'close' },
      signal: AbortSignal.timeout(timeoutMs),
    })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return { status: response.statusCode ?? 0, text: await text(response) }
  } finally {
    stream.destroy()
  }
}
