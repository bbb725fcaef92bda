import { createRequire } from 'node:module'
import { CodedError } from '../base/coded-error.ts'

/** msghdr of sendmsg(2), with one part. */
export interface MessageHeader {
  readonly name: Uint8Array | null
  readonly nameLength: number
  readonly parts: { readonly octets: Uint8Array; readonly length: number }
  readonly partCount: number
  readonly control: Uint8Array
  /** With `flags` changed by `recvmsg`. */
  controlLength: number
  flags: number
}

/** Calls of the C library: less than 0 is a failure, and `errno` says its reason until the next call. */
export interface Libc {
  readonly socket: (domain: number, type: number, protocol: number) => number
  readonly close: (fd: number) => number
  readonly send: (fd: number, octets: Uint8Array, length: number, flags: number) => number
  readonly recv: (fd: number, into: Uint8Array, length: number, flags: number) => number
  readonly getsockopt: (
    fd: number,
    level: number,
    option: number,
    ...into: [value: Uint8Array, length: Uint32Array]
  ) => number
  readonly setsockopt: (
    fd: number,
    level: number,
    option: number,
    ...from: [value: Uint8Array, length: number]
  ) => number
  readonly sendmsg: (fd: number, header: MessageHeader, flags: number) => number
  readonly recvmsg: (fd: number, header: MessageHeader, flags: number) => number
  readonly bind: (fd: number, address: Uint8Array, length: number) => number
  /** Moves the calling thread into a namespace. */
  readonly setns: (fd: number, kind: number) => number
  /** Ends the process here and now (abort(3)). */
  readonly abort: () => void
  /** Why the last call failed. */
  readonly errno: () => number
  /** On another thread: files of others may keep it waiting. Tells the descriptor; `how` must last until then. */
  readonly openat2: (
    folder: number,
    path: string,
    ...rest: [how: Uint8Array, tell: (fd: number) => void]
  ) => void
  readonly syscall: (number: number, first: number, second: number, third: number) => number
}

/** What was asked for exists only on Linux, or the foreign function interface does not load here. */
export class SysUnsupportedError extends CodedError {
  override readonly code = 'SYS_UNSUPPORTED'

  constructor(platform: string, cause?: unknown) {
    super(`system calls of Linux are not to be had on ${platform}`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'Capture and virtual addresses need Linux on x64 or arm64; names are answered anywhere.',
    })
  }
}

// The same on every architecture.
const openat2Number = 437

let loaded: Libc | undefined

/**
 * The C library; loaded by the first call, which costs some milliseconds.
 * @throws {SysUnsupportedError} when this is not Linux, or the library cannot be loaded.
 */
export function libc(): Libc {
  loaded ??= load(process.platform)
  return loaded
}

/** @throws {SysUnsupportedError} when the platform is not `linux`, or the library cannot be loaded. */
export function load(platform: string): Libc {
  if (platform !== 'linux') throw new SysUnsupportedError(platform)
  try {
    // Not an import: programs that never get here should not pay for it.
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi')
    // Symbols of the running program, so that it does not matter which C library Node was built with.
    const library = koffi.load(null)
    const part = koffi.struct({ octets: 'void *', length: 'size_t' })
    const header = koffi.struct({
      name: 'void *',
      nameLength: 'uint32_t',
      parts: koffi.pointer(part),
      partCount: 'size_t',
      control: 'void *',
      controlLength: 'size_t',
      flags: 'int',
    })
    const openat2 = library.func('long syscall(long, int, str, void *, size_t)')
    return {
      socket: library.func('int socket(int, int, int)'),
      close: library.func('int close(int)'),
      send: library.func('long send(int, void *, size_t, int)'),
      recv: library.func('long recv(int, void *, size_t, int)'),
      getsockopt: library.func('int getsockopt(int, int, int, void *, void *)'),
      setsockopt: library.func('int setsockopt(int, int, int, void *, uint32_t)'),
      sendmsg: library.func('sendmsg', 'long', ['int', koffi.pointer(header), 'int']),
      recvmsg: library.func('recvmsg', 'long', ['int', koffi.inout(koffi.pointer(header)), 'int']),
      bind: library.func('int bind(int, void *, uint32_t)'),
      setns: library.func('int setns(int, int)'),
      abort: library.func('void abort()'),
      errno: () => koffi.errno(),
      openat2: (folder, path, how, tell) =>
        openat2.async(openat2Number, folder, path, how, how.length, (_: unknown, fd: number) =>
          tell(fd),
        ),
      syscall: library.func('long syscall(long, long, long, long)'),
    }
  } catch (cause) {
    throw new SysUnsupportedError(`${platform} (${process.arch})`, cause)
  }
}
