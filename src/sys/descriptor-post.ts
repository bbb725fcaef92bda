import { rmSync } from 'node:fs'
import { endianness } from 'node:os'
import { CodedError } from '../base/coded-error.ts'
import { libc, type MessageHeader } from './libc.ts'

/** No socket for descriptors at this path. */
export class DescriptorPostError extends CodedError {
  override readonly code = 'SYS_DESCRIPTOR_POST'

  constructor(path: string, reason: string) {
    super(`cannot receive descriptors at ${path}: ${reason}`, {
      hint: 'The folder must exist and be writable, and the path have 100 octets at most.',
    })
  }
}

/** What came in one piece: a word, and descriptors, which the receiver closes. */
export interface Parcel {
  readonly label: string
  readonly fds: readonly number[]
}

// As in <sys/socket.h> of Linux; equal on x64 and arm64.
const afUnix = 1
const sockDgram = 2
const sockNonblock = 0o4000
const sockCloexec = 0o2000000
const solSocket = 1
const scmRights = 1
const msgDontwait = 0x40
const msgCmsgCloexec = 0x4000_0000
const msgTruncated = 0x20
const msgControlTruncated = 8
/** size_t length, int level, int type. */
const controlHeaderOctets = 16
const maxLabelOctets = 256
const maxPathOctets = 100
/** In one parcel; the kernel's own limit is 253. */
export const maxParcelFds = 64

/**
 * Carries descriptors between processes of one machine: a datagram socket of its own at a path (unix(7), SCM_RIGHTS).
 * Neither end needs any rights but to write into the folder. Nothing here waits: what was sent can be received when
 * `send` returns.
 */
export class DescriptorPost {
  #fd: number

  private constructor(fd: number) {
    this.#fd = fd
  }

  /**
   * Takes the place of whoever was at the path before.
   * @throws {DescriptorPostError} when it cannot be had.
   */
  static open(path: string): DescriptorPost {
    if (Buffer.byteLength(path) > maxPathOctets) throw new DescriptorPostError(path, 'too long')
    const { bind, close, errno, socket } = libc()
    rmSync(path, { force: true })
    const fd = socket(afUnix, sockDgram | sockNonblock | sockCloexec, 0)
    const address = addressAt(path)
    if (fd >= 0 && bind(fd, address, address.length) === 0) return new DescriptorPost(fd)
    const reason = `errno ${errno()}`
    if (fd >= 0) close(fd)
    throw new DescriptorPostError(path, reason)
  }

  /** Sends copies to the post at another path. False when nobody is there, or too much waits for them. */
  send(to: string, { label, fds }: Parcel): boolean {
    if (fds.length > maxParcelFds || Buffer.byteLength(to) > maxPathOctets) return false
    const name = addressAt(to)
    const control = Buffer.alloc(controlHeaderOctets + 4 * fds.length)
    writeNumbers(control, [control.length, 0, solSocket, scmRights, ...fds])
    const header = headerOf(Buffer.from(label), control)
    const sent = { ...header, name, nameLength: name.length }
    return libc().sendmsg(this.#fd, sent, msgDontwait) >= 0
  }

  /** The oldest parcel that waits. One that does not fit is thrown away. */
  receive(): Parcel | undefined {
    const { close, recvmsg } = libc()
    for (;;) {
      const label = Buffer.alloc(maxLabelOctets)
      const control = Buffer.alloc(controlHeaderOctets + 4 * maxParcelFds)
      const header = headerOf(label, control)
      const length = recvmsg(this.#fd, header, msgDontwait | msgCmsgCloexec)
      if (length < 0) return undefined
      const fds = readFds(control.subarray(0, header.controlLength))
      if ((header.flags & (msgTruncated | msgControlTruncated)) === 0) {
        return { label: label.toString('utf8', 0, length), fds }
      }
      for (const fd of fds) close(fd)
    }
  }

  /** Leaves the path: somebody else may have it by now. */
  close(): void {
    if (this.#fd < 0) return
    libc().close(this.#fd)
    this.#fd = -1
  }
}

/** sockaddr_un: family, path. */
function addressAt(path: string): Buffer {
  const address = Buffer.alloc(2 + Buffer.byteLength(path) + 1)
  if (endianness() === 'LE') address.writeUInt16LE(afUnix)
  else address.writeUInt16BE(afUnix)
  address.write(path, 2)
  return address
}

function headerOf(octets: Buffer, control: Buffer): MessageHeader {
  return {
    name: null,
    nameLength: 0,
    parts: { octets, length: octets.length },
    partCount: 1,
    control,
    controlLength: control.length,
    flags: 0,
  }
}

function readFds(control: Buffer): readonly number[] {
  const numbers = new Int32Array(new Uint8Array(control).buffer, 0, control.length >> 2)
  // A length of 8 octets, whose upper half is 0 here.
  const [length = 0, , level, type] = numbers
  if (level !== solSocket || type !== scmRights) return []
  return [...numbers.subarray(controlHeaderOctets / 4, length / 4)]
}

function writeNumbers(into: Buffer, numbers: readonly number[]): void {
  into.set(new Uint8Array(Int32Array.from(numbers).buffer))
}
