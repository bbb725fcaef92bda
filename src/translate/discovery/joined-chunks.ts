import type { Hostname } from '../../registry/hostname.ts'

/** What one host contributes to an encoded message. */
export interface Chunk {
  readonly octets: Uint8Array
  /** Comes behind those that are not. */
  readonly isLast: boolean
}

interface Bucket {
  readonly chunks: Map<Hostname, Chunk>
  /** First and last parts; missing when a chunk has changed since. */
  joined?: readonly [Uint8Array, Uint8Array]
}

const bucketCount = 512

/** The chunks of many hosts as one piece, made again at the cost of the few parts that changed. */
export class JoinedChunks {
  readonly #buckets = new Map<number, Bucket>()

  /** `undefined` takes the host out. */
  set(host: Hostname, chunk: Chunk | undefined): void {
    const number = bucketOf(host)
    const { chunks } = this.#buckets.get(number) ?? { chunks: new Map<Hostname, Chunk>() }
    if (chunk) chunks.set(host, chunk)
    else chunks.delete(host)
    this.#buckets.set(number, { chunks })
  }

  join(): Uint8Array {
    const buckets = [...this.#buckets.values()]
    for (const bucket of buckets) bucket.joined ??= joinBucket(bucket)
    const parts = buckets.map(({ joined }) => joined ?? [])
    return Buffer.concat([
      ...parts.flatMap(([first]) => first ?? []),
      ...parts.flatMap(([, last]) => last ?? []),
    ])
  }
}

function joinBucket({ chunks }: Bucket): readonly [Uint8Array, Uint8Array] {
  const all = [...chunks.values()]
  const join = (isLast: boolean) =>
    Buffer.concat(all.filter((one) => one.isLast === isLast).map(({ octets }) => octets))
  return [join(false), join(true)]
}

function bucketOf(host: string): number {
  let sum = 0
  for (let at = 0; at < host.length; at += 1) sum = (sum * 31 + host.charCodeAt(at)) | 0
  return (sum >>> 0) % bucketCount
}
