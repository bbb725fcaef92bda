import { spawn } from 'node:child_process'
import type dgram from 'node:dgram'
import type net from 'node:net'
import { CodedError } from '../base/coded-error.ts'
import type { Log } from '../base/log.ts'
import { programPath } from '../base/program-path.ts'
import type { Running } from '../base/scope.ts'
import type { AddressSet } from '../capture/address-set.ts'
import type { Prefix } from '../ip/prefix.ts'
import { captureSteps, dnsPort, relayPort } from './capture-steps.ts'
import { InsideProcess } from './inside-process.ts'
import { endLeftovers, networkNamespaceOf } from './leftovers.ts'
import type { CommandEnd } from './message.ts'
import { chooseNamespaces, namespaceWords, unshareAt } from './namespaces.ts'
import { dieWithParent, findCommand, needSystemProgram } from './programs.ts'
import { setupSteps } from './setup-steps.ts'
import { forwardSignals } from './signals.ts'

/** What runs, and in which network. */
export interface SandboxOptions {
  /** Program and words. */
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where virtual addresses come from. */
  readonly virtualPrefixes: readonly Prefix[]
  /** Explicit addresses and ranges of services. */
  readonly addresses: AddressSet
}

/** The namespace's listening sockets: they were opened inside, and are served outside. */
export interface SandboxSockets {
  readonly udp: readonly dgram.Socket[]
  readonly dns: readonly net.Server[]
  readonly relay: readonly net.Server[]
}

/** The machine has no network namespaces at all. */
export class SandboxUnsupportedError extends CodedError {
  override readonly code = 'SANDBOX_UNSUPPORTED'

  constructor(platform: string) {
    super(`private networks need Linux, and this is ${platform}`, {
      hint: 'Use a Linux machine, virtual machine or container.',
    })
  }
}

/**
 * Runs a command in a network of its own, with its DNS and its connections served by `serve`.
 *
 * The command sees the caller's user, terminal, folder and environment. When this returns, every
 * process of the namespace is gone; should this process be killed, they go as well.
 * @throws {SandboxUnsupportedError} when this is not Linux.
 * @throws {ProgramMissingError} when `unshare` or `ip` is not installed, or neither `nft` nor `iptables`.
 * @throws {CommandNotFoundError} when the command's program cannot be run.
 * @throws {NamespacesDeniedError} when the kernel allows no namespaces.
 * @throws {SandboxSetupError} when the namespace cannot be made ready.
 */
export async function runInSandbox(
  options: SandboxOptions,
  serve: (sockets: SandboxSockets) => Promise<Running>,
  log: Log,
): Promise<CommandEnd> {
  const { argv, plan } = planSandbox(options)
  const [program = '', ...words] = argv
  const child = spawn(program, words, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { PATH: options.env['PATH'] },
  })
  const inside = new InsideProcess(child, log)
  const stopForwarding = forwardSignals(process, (signal) => inside.signal(signal))
  let served: Running | undefined
  try {
    served = await serve(await inside.prepare(plan))
    return await inside.run()
  } finally {
    const namespace = child.pid === undefined ? undefined : networkNamespaceOf(child.pid)
    await inside.leave()
    if (namespace !== undefined && namespace !== plan.hostNamespace) {
      endLeftovers(namespace)
    }
    await served?.stop()
    stopForwarding()
  }
}

function planSandbox(options: SandboxOptions) {
  if (process.platform !== 'linux') throw new SandboxUnsupportedError(process.platform)
  const { virtualPrefixes, addresses } = options
  const path = options.env['PATH'] ?? ''
  const unshare = needSystemProgram('unshare', path, 'util-linux')
  const ip = needSystemProgram('ip', path, 'iproute2')
  const [name = '', ...words] = options.command
  const command = [findCommand(name, path, process.cwd()), ...words]
  const kind = chooseNamespaces(process.getuid?.() ?? 0, unshareAt(unshare))
  const script = programPath(new URL('./inside.ts', import.meta.url))
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', script]
  const ownUser = [
    unshare,
    `--map-user=${process.getuid?.() ?? 0}`,
    `--map-group=${process.getgid?.() ?? 0}`,
    '--',
  ]
  return {
    argv: [unshare, ...namespaceWords(kind), ...node],
    plan: {
      hostNamespace: networkNamespaceOf('self') ?? '',
      steps: [
        ...setupSteps({ ip, path, mesh: [...virtualPrefixes, ...addresses] }),
        ...captureSteps(path, { virtualPrefixes, addresses }),
      ],
      dnsPort,
      relayPort,
      command: [...(kind === 'user' ? ownUser : []), ...dieWithParent(path, 'KILL'), ...command],
      env: options.env,
    },
  }
}
