/** What a page of this machine says; `undefined` when nobody serves it. */
export interface PageRead {
  readonly status: number
  readonly text: string
}

const timeoutMs = 2_000
const mostOctets = 1 << 20

/** Reads a small page, such as `http://127.0.0.1:15014/version`. */
export async function readPage(url: string): Promise<PageRead | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' })
    const chunks: Uint8Array[] = []
    let octets = 0
    for await (const chunk of response.body ?? []) {
      octets += chunk.length
      if (octets > mostOctets) return undefined
      chunks.push(chunk)
    }
    return { status: response.status, text: Buffer.concat(chunks).toString() }
  } catch {
    return undefined
  }
}
