declare const brand: unique symbol

/** A value of `T` that went through the one file that checks `Name`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
