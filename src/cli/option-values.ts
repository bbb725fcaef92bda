/** The options of one invocation by long name, in the type that the command's words gave them. */
export class OptionValues {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #sourceOf: (key: string) => string | undefined

  /** `values` as commander hands them over: keys in camel case; and its word for where one came from. */
  constructor(
    values: Readonly<Record<string, unknown>>,
    sourceOf: (key: string) => string | undefined = () => 'cli',
  ) {
    this.#values = values
    this.#sourceOf = sourceOf
  }

  /** Whether somebody said so, on the command line or in the environment. */
  isGiven(name: string): boolean {
    const key = camelCase(name)
    return this.#values[key] !== undefined && this.#sourceOf(key) !== 'default'
  }

  /** Whether the environment said so, and not the command line. */
  isFromEnvironment(name: string): boolean {
    return this.#sourceOf(camelCase(name)) === 'env'
  }

  text(name: string): string | undefined {
    const value = this.#values[camelCase(name)]
    return typeof value === 'string' ? value : undefined
  }

  /** Of a repeatable option; empty when it was not given. */
  texts(name: string): readonly string[] {
    const value = this.#values[camelCase(name)]
    if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
    return typeof value === 'string' ? [value] : []
  }

  has(name: string): boolean {
    return this.#values[camelCase(name)] === true
  }
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
