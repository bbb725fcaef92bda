import { spawn } from 'node:child_process'
import type { Clock } from '../base/clock.ts'
import { CodedError } from '../base/coded-error.ts'

/** The program that sets rules is not installed, or not found where programs are looked for. */
export class CaptureToolMissingError extends CodedError {
  override readonly code = 'CAPTURE_TOOL_MISSING'

  constructor(tools: readonly string[], cause?: unknown) {
    super(`cannot find ${tools.join(' or ')}`, {
      cause,
      hint: 'Install the package nftables (or iptables), or turn capture off and name the agent in resolv.conf.',
    })
  }
}

/** The kernel does not let us set rules. Nothing was changed. */
export class CaptureDeniedError extends CodedError {
  override readonly code = 'CAPTURE_DENIED'

  constructor(argv: readonly string[], cause: unknown) {
    super(`not allowed to set capture rules (${argv.join(' ')})`, {
      cause,
      hint: 'Grant CAP_NET_ADMIN (the systemd unit does), or turn capture off and name the agent in resolv.conf.',
    })
  }
}

/** The kernel or the program did not take our rules. Nothing was changed. */
export class CaptureRefusedError extends CodedError {
  override readonly code = 'CAPTURE_REFUSED'

  constructor(argv: readonly string[], cause: unknown) {
    super(`the capture rules were refused (${argv.join(' ')})`, {
      cause,
      hint: 'The kernel may lack nf_tables, NAT or conntrack zones; try the other one of nftables and iptables.',
    })
  }
}

/** The program that sets rules did not come back in time, and was killed. */
export class CaptureTimeoutError extends CodedError {
  override readonly code = 'CAPTURE_TIMEOUT'

  constructor(argv: readonly string[], timeoutMs: number) {
    super(`${argv.join(' ')} took more than ${timeoutMs} ms`, {
      hint: 'Another program may hold the lock of the rules; see who runs iptables or nft.',
    })
  }
}

/** Runs a program with `input` for its standard input; what it prints is the result. */
export type RunTool = (argv: readonly string[], input?: string) => Promise<string>

export interface ToolOptions {
  readonly clock: Clock
  /** Folders that programs are looked for in, joined by `:`. */
  readonly path?: string
  readonly timeoutMs?: number
  /** What the programs find in their environment besides. */
  readonly env?: Readonly<Record<string, string>>
  /** Calls what starts a program; for instance in another network namespace. */
  readonly startIn?: <T>(start: () => T) => T
}

/** Rule programs live where the search path of an ordinary user does not lead. */
const systemFolders = '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin'
const maxOutputOctets = 64 << 20

/**
 * A `RunTool` that keeps a time limit, 30 seconds unless told otherwise.
 *
 * Its calls throw:
 * @throws {CaptureToolMissingError} when there is no such program.
 * @throws {CaptureDeniedError} when the kernel refuses for want of a capability.
 * @throws {CaptureTimeoutError} when it takes too long.
 * @throws {CaptureRefusedError} when it fails for any other reason.
 */
export function createRunTool(options: ToolOptions): RunTool {
  const { clock, path, env, timeoutMs = 30_000, startIn = (start) => start() } = options
  const folders = path === undefined || path === '' ? systemFolders : `${path}:${systemFolders}`
  return (argv, input = '') =>
    new Promise((resolve, reject) => {
      const [program = '', ...rest] = argv
      const child = startIn(() =>
        spawn(program, rest, { env: { ...env, PATH: folders, LC_ALL: 'C' } }),
      )
      let timedOut = false
      const cancel = clock.after(timeoutMs, () => {
        timedOut = true
        child.kill('SIGKILL')
      })
      const output = collect(child.stdout)
      const complaint = collect(child.stderr)
      // It may leave without reading all; its exit says why.
      child.stdin.on('error', () => {})
      child.stdin.end(input)
      child.on('error', (cause: NodeJS.ErrnoException) => {
        cancel()
        reject(
          cause.code === 'ENOENT'
            ? new CaptureToolMissingError([program], cause)
            : failureOf(argv, cause),
        )
      })
      child.on('close', (status, signal) => {
        cancel()
        // It may have ended before we came to kill it.
        if (status === 0) resolve(output())
        else if (timedOut) reject(new CaptureTimeoutError(argv, timeoutMs))
        else
          reject(failureOf(argv, new Error(complaint().trim() || `ended by ${signal ?? status}`)))
      })
    })
}

function failureOf(argv: readonly string[], cause: Error): CodedError {
  return /operation not permitted|permission denied|must be root/i.test(cause.message)
    ? new CaptureDeniedError(argv, cause)
    : new CaptureRefusedError(argv, cause)
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  let length = 0
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= maxOutputOctets) chunks.push(chunk)
  })
  return () => Buffer.concat(chunks).toString()
}
