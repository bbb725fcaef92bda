/** A spec, and what is found in it: `CODE PATH LINE:COLUMN`, where the spec begins at 5:3. */
export interface RuleCase {
  readonly name: string
  readonly spec: string
  readonly labels?: Readonly<Record<string, string>>
  readonly autoAllocate?: boolean
  readonly want: readonly string[]
}
