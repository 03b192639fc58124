/** What of the picture library a stranger's file may reach. Apart, as every process that works with it begins so. */
import sharp from 'sharp'

export function restrictLoaders(): void {
  // What it keeps is found by file name, and a file may have changed since.
  sharp.cache(false)
  const loaders = ['Jpeg', 'Png', 'Webp', 'Heif', 'Tiff', 'Nsgif'].flatMap((codec) => [
    `VipsForeignLoad${codec}File`,
    `VipsForeignLoad${codec}Buffer`,
  ])
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: [...loaders, 'VipsForeignLoadSvgBuffer'] })
}
