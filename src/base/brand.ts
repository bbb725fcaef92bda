/**
 * A value of `T` that went through the one file that checks `Name`.
 *
 * The mark is no symbol, so that declarations of inferred types can spell it.
 */
export type Brand<T, Name extends string> = T & { readonly ' brand': Name }
