import { readFileSync } from 'node:fs'
import type { Environment } from '../config/agent-settings.ts'
import { readEnvironmentText } from '../config/environment-file.ts'
import { layerOfData } from '../config/layer.ts'
import type { Origin } from '../config/settings.ts'

/** Nobody writes larger ones. */
const mostOctets = 1 << 20

/** An environment, and where those of its variables were written that stand in files. */
export interface FiledEnvironment {
  readonly env: Environment
  readonly origins: ReadonlyMap<string, Origin>
}

/**
 * The environment of a process together with files that may change: what one of them has ever named is theirs to
 * say, also when the process began with it. Later files count more; one that cannot be read says nothing.
 */
export class EnvironmentFiles {
  readonly #paths: readonly string[]
  readonly #env: Environment
  readonly #named = new Set<string>()
  readonly #texts = new Map<string, string>()

  constructor(paths: readonly string[], env: Environment) {
    this.#paths = paths
    this.#env = env
  }

  read(): FiledEnvironment {
    const origins = new Map<string, Origin>()
    const filed: Record<string, string> = {}
    for (const file of this.#paths) {
      for (const [name, { value, line }] of readEnvironmentText(this.#textOf(file))) {
        this.#named.add(name)
        filed[name] = value
        const locate = () => ({ file, line, column: 1 })
        origins.set(name, { layer: { ...layerOfData('environment', value), locate }, path: [] })
      }
    }
    const others = Object.entries(this.#env).filter(([name]) => !this.#named.has(name))
    return { env: { ...Object.fromEntries(others), ...filed }, origins }
  }

  /** A program that writes over a file empties it first: then it still says what it said. */
  #textOf(file: string): string {
    const text = tryRead(file)
    const isBeingWritten = text?.trim() === ''
    if (text !== undefined && !isBeingWritten) this.#texts.set(file, text)
    else if (!isBeingWritten) this.#texts.delete(file)
    return this.#texts.get(file) ?? ''
  }
}

function tryRead(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    return text.length > mostOctets ? undefined : text
  } catch {
    return undefined
  }
}
