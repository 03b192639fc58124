/**
 * Where something was made, as files say it: the names by which tags, XMP and texts of pictures tell a place. What people wrote in words
 * of their own (titles, keywords, comments) is theirs, and so are the addresses of a photographer or a label.
 */
import type { MediaFacts } from './media.ts'

/** Anywhere in a name. */
const telling = /GPS|LATITUDE|LONGT?ITUDE|ALTITUDE|ISO6709|GEOTAG|GEOHASH|GEOLOCATION|GEOPOSITION|QUICKTIMELOCATION/
/** Whole names. */
const places =
  /^(LOCATION.*|(RECORD(ING|ED)?|COMPOSITION|SHOT|FILMING|SUB|CONTENT|RECORDINGSESSION)LOCATION(CODE|NAME)?|RECORDING(LOC|STUDIO)|RECSTUDIO|CITY|STATE|PROVINCE|PROVINCESTATE|STATEPROVINCE|COUNTRY(CODE|NAME|PRIMARYLOCATION(CODE|NAME))?|COUNTY|DISTRICT|LOCALITY|MUNICIPALITY|WORLDREGION|VENUE|PLACE(NAME)?|GEO((LAT|LO?NG?|ALT|LOC|POINT|NAME).*)?|XYZ|LOCI|LAT|LONG?|LNG|ICNT)$/

/** Of a tag, an XMP property, or the keyword of a text, e.g. `LOCATION-eng`, `exif:GPSLatitude`, `Recording Location`. */
export function isPlaceName(name: string): boolean {
  const plain = name.toUpperCase().replace(/-[A-Z]{3}$/, '')
  if (telling.test(plain.replaceAll(/[^A-Z0-9]/g, ''))) return true
  const [last = ''] = plain.split(/[:/]/).slice(-1)
  return places.test(last.replaceAll(/[^A-Z0-9]/g, ''))
}

/** By what names a file says where it was made, as far as readers see. */
export function placesIn({ places: found = [], tags, image }: MediaFacts): readonly string[] {
  const named = image === null ? tags.map(({ name }) => name).filter(isPlaceName) : []
  return [...new Set([...found, ...named])]
}
