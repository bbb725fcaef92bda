import type { Command } from './command.ts'

/** A command by name; what it does is loaded when it is called. */
export interface CommandEntry {
  /** One word, or several: those before the last are groups, or commands themselves. */
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
    name: 'demo mesh',
    summary: 'see a mesh work: a controller, two machines, changes',
    load: async () => (await import('./commands/demo-mesh.ts')).command,
  },
  {
    name: 'agent',
    summary: 'serve this machine: DNS, capture, connections',
    outlivesReader: true,
    load: async () => (await import('./commands/agent.ts')).command,
  },
  {
    name: 'socket-store',
    summary: 'hold the sockets of pods while the node agent is away',
    outlivesReader: true,
    load: async () => (await import('./commands/socket-store.ts')).command,
  },
  {
    name: 'controller',
    summary: 'serve the agents of a mesh: services, addresses, certificates',
    outlivesReader: true,
    load: async () => (await import('./commands/controller.ts')).command,
  },
  {
    name: 'capture apply',
    summary: 'set the rules of a pod for its agent',
    load: async () => (await import('./commands/capture-apply.ts')).command,
  },
  {
    name: 'capture remove',
    summary: 'take the rules away',
    load: async () => (await import('./commands/capture-remove.ts')).command,
  },
  {
    name: 'kube-inject',
    summary: 'put the agent into the pods of files',
    load: async () => (await import('./commands/kube-inject.ts')).command,
  },
  {
    name: 'wait',
    summary: 'wait until the agent answers',
    load: async () => (await import('./commands/wait.ts')).command,
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
    summary: 'list the services that files or a controller declare',
    load: async () => (await import('./commands/services.ts')).command,
  },
  {
    name: 'addresses',
    summary: 'list addresses and the hosts that hold them',
    load: async () => (await import('./commands/addresses.ts')).command,
  },
  {
    name: 'proxy-status',
    summary: 'list the agents of a controller, and how far they are',
    load: async () => (await import('./commands/proxy-status.ts')).command,
  },
  {
    name: 'explain',
    summary: 'say why a name or address resolves as it does',
    load: async () => (await import('./commands/explain.ts')).command,
  },
  {
    name: 'proxy-config',
    summary: 'say which settings hold for a workload, and why',
    load: async () => (await import('./commands/proxy-config.ts')).command,
  },
  {
    name: 'install',
    summary: 'install the control plane into a cluster, or on this machine',
    load: async () => (await import('./commands/install.ts')).command,
  },
  {
    name: 'manifest generate',
    summary: 'print what is installed into a cluster',
    load: async () => (await import('./commands/manifest-generate.ts')).command,
  },
  {
    name: 'uninstall',
    summary: 'take the control plane away',
    load: async () => (await import('./commands/uninstall.ts')).command,
  },
  {
    name: 'workload group create',
    summary: 'print a WorkloadGroup',
    load: async () => (await import('./commands/workload-group-create.ts')).command,
  },
  {
    name: 'workload entry configure',
    summary: 'write the files that a machine joins the mesh with',
    load: async () => (await import('./commands/workload-entry-configure.ts')).command,
  },
  {
    name: 'vm install',
    summary: 'make this machine one of the mesh',
    load: async () => (await import('./commands/vm-install.ts')).command,
  },
  {
    name: 'vm uninstall',
    summary: 'leave this machine as it was before',
    load: async () => (await import('./commands/vm-uninstall.ts')).command,
  },
  {
    name: 'ca show',
    summary: 'show who signs certificates, and which roots are trusted',
    load: async () => (await import('./commands/ca-show.ts')).command,
  },
  {
    name: 'ca root add',
    summary: 'begin to rotate the root',
    load: async () => (await import('./commands/ca-root-add.ts')).command,
  },
  {
    name: 'ca root activate',
    summary: 'sign with the root that was added',
    load: async () => (await import('./commands/ca-root-activate.ts')).command,
  },
  {
    name: 'ca root retire',
    summary: 'trust the old roots no longer',
    load: async () => (await import('./commands/ca-root-retire.ts')).command,
  },
  {
    name: 'version',
    summary: 'print versions of this program and of the controller',
    load: async () => (await import('./commands/version.ts')).command,
  },
]

/** What the groups are about: first words of commands that are no commands themselves. */
export const commandGroups: ReadonlyMap<string, string> = new Map([
  ['ca', 'the CA of a controller'],
  ['capture', 'set the rules of capture for an agent that may not'],
  ['ca root', 'rotate the root, step by step'],
  ['manifest', 'the objects of an installation'],
  ['vm', 'make this machine one of the mesh'],
  ['workload', 'describe workloads outside of Kubernetes'],
  ['workload group', 'what the workloads of a set of machines have in common'],
  ['workload entry', 'one workload'],
])

/** The command with the most words that these begin with. */
export function findCommand(words: readonly string[]): CommandEntry | undefined {
  return commandList
    .filter(({ name }) => startsWith(words, name.split(' ')))
    .toSorted((a, b) => b.name.length - a.name.length)[0]
}

/** The command or group whose name is these words. */
export function isNamed(words: readonly string[]): boolean {
  const name = words.join(' ')
  return commandGroups.has(name) || commandList.some((entry) => entry.name === name)
}

function startsWith(words: readonly string[], name: readonly string[]): boolean {
  return name.every((word, at) => words[at] === word)
}
