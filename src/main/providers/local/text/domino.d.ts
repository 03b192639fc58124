/** What is used of the package, which describes itself by the types of a browser. */
declare module '@mixmark-io/domino' {
  export interface HtmlNode {
    readonly nodeType: number
    /** In capitals for elements of HTML. */
    readonly nodeName: string
    readonly nodeValue: string | null
    readonly childNodes: ArrayLike<HtmlNode>
    readonly attributes?: ArrayLike<{ readonly name: string; readonly value: string }>
    readonly innerHTML: string
    readonly textContent: string | null
  }
  export interface HtmlDocument extends HtmlNode {
    readonly title: string
    readonly documentElement: HtmlNode
    readonly body: HtmlNode | null
    querySelectorAll(selector: string): ArrayLike<HtmlNode>
  }
  const domino: { createDocument(html: string): HtmlDocument }
  export default domino
}
