import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '../../base/coded-error.ts'

/** Something stands where a file or folder of ours belongs. Nothing was changed. */
export class ObstacleError extends CodedError {
  override readonly code = 'INSTALL_OBSTACLE'

  constructor(path: string, reason: string, cause?: unknown) {
    super(`${path} is in the way: ${reason}`, {
      ...(cause === undefined ? {} : { cause }),
      hint: 'Move it away, and try again.',
    })
  }
}

const mostLinks = 40

/**
 * Where a path of a machine lies when a folder stands for the machine's root.
 *
 * Symbolic links are followed as that machine would follow them, so that none leads out of the
 * folder. The last part is followed only for `tail: 'target'`. What does not exist is no error.
 * @throws {ObstacleError} when links go round in circles, or a file stands where a folder should.
 */
export function resolveInside(
  root: string,
  path: string,
  tail: 'itself' | 'target' = 'itself',
): string {
  let done: readonly string[] = []
  let rest = partsOf(path)
  for (let links = 0; rest.length > 0; ) {
    const [part = '', ...more] = rest
    rest = more
    if (part === '..') {
      done = done.slice(0, -1)
      continue
    }
    const here = join(root, ...done, part)
    if ((rest.length > 0 || tail === 'target') && isLink(here)) {
      links += 1
      if (links > mostLinks) throw new ObstacleError(path, 'its links go round in circles')
      const target = readlinkSync(here)
      if (target.startsWith('/')) done = []
      rest = [...partsOf(target), ...rest]
    } else {
      done = [...done, part]
    }
  }
  return join(root, ...done)
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  } catch (cause) {
    throw new ObstacleError(path, 'it lies below something that is no folder', cause)
  }
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
