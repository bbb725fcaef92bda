import {
  namespacePattern,
  namespaceRule,
  revisionPattern,
  revisionRule,
} from '../config/place-names.ts'
import type { Invocation } from './command.ts'
import { UsageError } from './usage-error.ts'

/**
 * The name of a namespace or a revision that an option gives.
 * @throws {UsageError} when no API server would take it.
 */
export function nameSaid(
  { options }: Pick<Invocation, 'options'>,
  word: 'namespace' | 'istioNamespace' | 'revision',
): string | undefined {
  const name = options.text(word)
  const [pattern, rule] =
    word === 'revision' ? [revisionPattern, revisionRule] : [namespacePattern, namespaceRule]
  if (name === undefined || pattern.test(name)) return name
  throw new UsageError(`--${word} cannot be ${JSON.stringify(name)}`, { hint: `It ${rule}.` })
}
