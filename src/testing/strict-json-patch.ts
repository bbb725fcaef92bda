import { isDeepStrictEqual } from 'node:util'

/** A step of a JSON Patch, as it comes. */
interface Step {
  readonly op: string
  readonly path: string
  readonly value?: unknown
}

type Container = unknown[] | Record<string, unknown>

/** Applies a JSON Patch to a copy, as strictly as RFC 6902 says; throws where a step is not possible. */
export function applyStrictly(document: unknown, patch: readonly Step[]): unknown {
  const root = { '': structuredClone(document) }
  for (const step of patch) apply(root, step)
  return root['']
}

function apply(root: Container, { op, path, value }: Step): void {
  const names = path.split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = names.pop() ?? ''
  let place: unknown = root
  for (const name of names) place = member(place, name, path)
  if (typeof place !== 'object' || place === null) throw new Error(`nothing holds ${path}`)
  const container = place as Container
  switch (op) {
    case 'test':
      if (!isDeepStrictEqual(member(container, last, path), value)) throw new Error(`test ${path}`)
      return
    case 'replace':
      member(container, last, path)
      Reflect.set(container, last, value)
      return
    case 'remove':
      member(container, last, path)
      if (Array.isArray(container)) container.splice(Number(last), 1)
      else Reflect.deleteProperty(container, last)
      return
    case 'add':
      add(container, last, value)
      return
    default:
      throw new Error(`no such operation: ${op}`)
  }
}

function member(container: unknown, name: string, path: string): unknown {
  const isThere =
    typeof container === 'object' && container !== null && Object.hasOwn(container, name)
  if (!isThere || (Array.isArray(container) && !/^\d+$/.test(name))) throw new Error(`no ${path}`)
  return Reflect.get(container, name)
}

function add(container: Container, name: string, value: unknown): void {
  if (!Array.isArray(container)) {
    container[name] = value
    return
  }
  const at = name === '-' ? container.length : Number(name)
  if (!Number.isInteger(at) || at > container.length) throw new Error(`no place ${name}`)
  container.splice(at, 0, value)
}
