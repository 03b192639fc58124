/** What is used of the package, which brings no types. */
declare module 'fontverter' {
  type Packing = 'sfnt' | 'woff' | 'woff2'
  export function convert(bytes: Buffer, to: Packing, from?: Packing): Promise<Buffer>
}
