/** What is used of packages that bring no types. */
declare module 'turndown' {
  interface TurndownOptions {
    readonly headingStyle?: 'atx' | 'setext'
    readonly codeBlockStyle?: 'fenced' | 'indented'
    readonly bulletListMarker?: '-' | '*' | '+'
    readonly emDelimiter?: '_' | '*'
    readonly hr?: string
  }
  export default class TurndownService {
    constructor(options?: TurndownOptions)
    use(plugin: (service: TurndownService) => void): this
    remove(names: readonly string[]): this
    turndown(html: string): string
  }
}
declare module '@joplin/turndown-plugin-gfm' {
  import type TurndownService from 'turndown'
  export function gfm(service: TurndownService): void
}
