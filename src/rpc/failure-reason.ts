/** What gRPC puts around the words of the system when a connection cannot be made. */
const wrapping =
  /^No connection established\. Last error: (?:Error: )?(.*?)\.? Resolution note: .*$/s

/** Why a call failed, as people want to read it. */
export function failureReason(details: string): string {
  return wrapping.exec(details)?.[1] ?? details
}
