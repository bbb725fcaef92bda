/** Region, zone and subzone, as workload discovery writes a locality. */
interface LocalityParts {
  readonly region: string
  readonly zone: string
  readonly subzone: string
}

/** The parts of `REGION/ZONE/SUBZONE`; what is missing is empty. */
export function splitLocality(locality: string): LocalityParts {
  const [region = '', zone = '', ...rest] = locality.split('/')
  return { region, zone, subzone: rest.join('/') }
}

/** `undefined` when all parts are empty. */
export function joinLocality({ region, zone, subzone }: LocalityParts): string | undefined {
  const locality = [region, zone, subzone].join('/').replace(/\/+$/, '')
  return locality === '' ? undefined : locality
}
