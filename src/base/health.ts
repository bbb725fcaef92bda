/** A kind of lasting problem, declared once; `docs/reference/health.md` is printed from these. */
export interface HealthSpec {
  readonly code: string
  /** `down`: not serving what it should; `degraded`: serving, but a person should look. */
  readonly severity: 'down' | 'degraded'
  readonly title: string
  readonly hint: string
}

export interface HealthItem {
  readonly code: string
  readonly severity: HealthSpec['severity']
  readonly title: string
  readonly hint: string
  /** What exactly is troubled: a server, a file, hosts. */
  readonly detail: string
}

/** The problems that exist right now, shown alike by the health page, the logs and the tools. */
export class Health {
  readonly #items = new Map<string, HealthItem>()
  readonly #onChange: (item: HealthItem, present: boolean) => void

  /** `onChange` hears of each problem when it appears (or its detail changes) and when it goes. */
  constructor(onChange: (item: HealthItem, present: boolean) => void = () => {}) {
    this.#onChange = onChange
  }

  /** States that the problem exists; `subject` tells several of one kind apart. */
  set(spec: HealthSpec, detail: string, subject = ''): void {
    const key = `${spec.code} ${subject}`
    if (this.#items.get(key)?.detail === detail) return
    const { code, severity, title, hint } = spec
    const item: HealthItem = { code, severity, title, hint, detail }
    this.#items.set(key, item)
    this.#onChange(item, true)
  }

  clear(spec: HealthSpec, subject = ''): void {
    const key = `${spec.code} ${subject}`
    const item = this.#items.get(key)
    if (!item) return
    this.#items.delete(key)
    this.#onChange(item, false)
  }

  items(): readonly HealthItem[] {
    return [...this.#items.values()]
  }
}
