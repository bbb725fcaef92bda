/** Istio's names of a CA's files (its Secret `cacerts`), and of what a rotation keeps until it is activated. */
export const caFileNames = {
  certificate: 'ca-cert.pem',
  key: 'ca-key.pem',
  roots: 'root-cert.pem',
  chain: 'cert-chain.pem',
  nextCertificate: 'next-ca-cert.pem',
  nextKey: 'next-ca-key.pem',
} as const
export type CaFileName = (typeof caFileNames)[keyof typeof caFileNames]

/** What is at a CA's place. */
export interface CaTexts {
  /** PEM, by name. */
  readonly files: Readonly<Partial<Record<CaFileName, string>>>
  /** Whether something is there that must not be filled up with a root of our own. */
  readonly isTaken: boolean
  /** Since when its certificate is there, in milliseconds since 1970. */
  readonly signsSince: number
}

/** A file that becomes another one; nothing removes it. */
export type CaChange = readonly [CaFileName, string | undefined]

/** Where a CA's files are kept. */
export interface CaStore {
  /** For people: a folder, or a Secret. */
  readonly place: string
  load(): Promise<CaTexts>
  /**
   * Makes changes on top of what was loaded last: at once where the place can, else in this order, so that each state
   * in between must be one that can be gone on from. Answers `false`, and changes nothing, when somebody else was faster.
   */
  change(changes: readonly CaChange[]): Promise<boolean>
  /** Hears of changes by itself; a place without it has to be looked at now and then. */
  follow?(onChange: () => void): void
}
