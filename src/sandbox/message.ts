/** A program to run while the namespace is set up. */
export interface SetupStep {
  /** For people, when it fails. */
  readonly purpose: string
  readonly argv: readonly string[]
  readonly input: string
  /** Failing is no reason to give up. */
  readonly optional?: true
}

/** What the process inside is told once, before anything else. */
export interface InsidePlan {
  /** Where the parent is, so that nobody clears up there. */
  readonly hostNamespace: string
  readonly steps: readonly SetupStep[]
  readonly dnsPort: number
  readonly relayPort: number
  /** Program and words of the command, wrapped in what gives it its user back. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** From the parent to the process inside. */
export type ToInside =
  | { readonly kind: 'plan'; readonly plan: InsidePlan }
  | { readonly kind: 'go' }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }

export type SocketRole = 'udp' | 'dns' | 'relay'

/** From the process inside to the parent; a socket travels with its message. */
export type FromInside =
  | { readonly kind: 'hello' }
  | { readonly kind: 'socket'; readonly role: SocketRole }
  | { readonly kind: 'skipped'; readonly purpose: string; readonly words: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly purpose: string; readonly words: string }
  | { readonly kind: 'ended'; readonly end: CommandEnd }

/** How the command ended. */
export type CommandEnd =
  | { readonly kind: 'exit'; readonly exitCode: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
