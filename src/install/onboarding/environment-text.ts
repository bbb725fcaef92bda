import { CodedError } from '../../base/coded-error.ts'
import { isOfTheLoader } from '../../config/loader-variable.ts'

/** A variable cannot be written down: a shell or systemd would read something else. */
export class VariableError extends CodedError {
  override readonly code = 'INSTALL_VARIABLE'

  constructor(name: string, reason: string) {
    super(`the variable ${JSON.stringify(name)} cannot be written: ${reason}`, {
      hint: 'Mend it where proxyMetadata says it: in the mesh configuration, or in the annotation proxy.istio.io/config.',
    })
  }
}

/**
 * Variables as lines `NAME='value'` in order, for shells and for systemd (`EnvironmentFile=`).
 * @throws {VariableError} when a name is none, or one of the loader, or a value holds a NUL.
 */
export function formatEnvironment(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new VariableError(name, 'names have letters, digits and "_", and no digit comes first')
    }
    if (isOfTheLoader(name)) {
      throw new VariableError(
        name,
        'it says which code the agent’s process runs, not what that does',
      )
    }
    if (value.includes('\0')) throw new VariableError(name, 'its value holds a NUL')
    return `${name}=${quote(value)}`
  })
  return `${lines.sort().join('\n')}\n`
}

/** One word for a shell, whatever it holds. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'"'"'`)}'`
}
