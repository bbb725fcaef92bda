import type { Command } from './command.ts'

/** A command by name; what it does is loaded when it is called. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  /** Goes on when nobody reads what it prints any more. */
  readonly outlivesReader?: true
  load(): Promise<Command>
}

/** Every command, in the order of the help page. */
export const commandList: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'run one command inside the mesh',
    outlivesReader: true,
    load: async () => (await import('./commands/run.ts')).command,
  },
  {
    name: 'demo',
    summary: 'see it work: names, virtual addresses, connections',
    load: async () => (await import('./commands/demo.ts')).command,
  },
  {
    name: 'agent',
    summary: 'serve this machine: DNS, capture, connections',
    outlivesReader: true,
    load: async () => (await import('./commands/agent.ts')).command,
  },
  {
    name: 'validate',
    summary: 'check configuration files',
    load: async () => (await import('./commands/validate.ts')).command,
  },
  {
    name: 'lookup',
    summary: 'ask for a name as an application would',
    load: async () => (await import('./commands/lookup.ts')).command,
  },
  {
    name: 'services',
    summary: 'list the services that the files declare',
    load: async () => (await import('./commands/services.ts')).command,
  },
  {
    name: 'addresses',
    summary: 'list addresses and the hosts that hold them',
    load: async () => (await import('./commands/addresses.ts')).command,
  },
  {
    name: 'explain',
    summary: 'say why a name or address resolves as it does',
    load: async () => (await import('./commands/explain.ts')).command,
  },
]
