import { z } from 'zod'
import { encodeFrame } from './table-frames.ts'

/** The first frame of a saved table. */
const Heading = z.object({ format: z.literal('meshdns table'), version: z.int(), type: z.string() })

const version = 1

/** What the first payload of a file comes to. */
export type HeadingRead =
  | { readonly kind: 'heading'; readonly typeUrl: string }
  | { readonly kind: 'damaged'; readonly reason: string }
  | { readonly kind: 'newer'; readonly version: number }

export function readHeading(payload: Uint8Array): HeadingRead {
  try {
    const { data, error } = Heading.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')))
    if (!data) return { kind: 'damaged', reason: z.prettifyError(error) }
    if (data.version > version) return { kind: 'newer', version: data.version }
    return { kind: 'heading', typeUrl: data.type }
  } catch {
    return { kind: 'damaged', reason: 'it does not begin as a saved table does' }
  }
}

export function encodeHeading(typeUrl: string): Buffer {
  const heading: z.infer<typeof Heading> = { format: 'meshdns table', version, type: typeUrl }
  return encodeFrame(Buffer.from(JSON.stringify(heading)))
}
