/** The options of one invocation by long name, in the type that the command's words gave them. */
export class OptionValues {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #isDefault: (key: string) => boolean

  /** `values` as commander hands them over: keys in camel case. */
  constructor(
    values: Readonly<Record<string, unknown>>,
    isDefault: (key: string) => boolean = () => false,
  ) {
    this.#values = values
    this.#isDefault = isDefault
  }

  /** Whether somebody said so, on the command line or in the environment. */
  isGiven(name: string): boolean {
    const key = camelCase(name)
    return this.#values[key] !== undefined && !this.#isDefault(key)
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
