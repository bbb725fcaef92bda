/** A variable that one of Istio's programs knows, and the option that means the same here. */
export interface IstioVariable {
  readonly name: string
  /** Keys of the option from the top. */
  readonly path: readonly string[]
  /** Go's way of writing it; items of a list have commas between them, labels are an object of JSON. */
  readonly kind: 'text' | 'boolean' | 'duration' | 'seconds' | 'list' | 'labels'
}
