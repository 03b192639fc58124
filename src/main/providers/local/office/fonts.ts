/**
 * One font of the system with the signs of Chinese, Japanese and Korean, which the fonts that come with LibreOffice lack: it is too large to bring.
 * Without one their text is in the result and can be copied and searched, but is not seen. Apart, as the list of places.
 */
const byPlatform: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: [
    '/System/Library/Fonts/Supplemental/Arial Unicode.ttf',
    '/Library/Fonts/Arial Unicode.ttf',
    '/System/Library/Fonts/PingFang.ttc',
    '/System/Library/Fonts/Hiragino Sans GB.ttc',
  ],
  win32: [
    'C:/Windows/Fonts/msyh.ttc',
    'C:/Windows/Fonts/simsun.ttc',
    'C:/Windows/Fonts/msgothic.ttc',
    'C:/Windows/Fonts/malgun.ttf',
  ],
  linux: [
    '/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf',
    '/usr/share/fonts/google-droid-sans-fonts/DroidSansFallbackFull.ttf',
    '/usr/share/fonts/droid/DroidSansFallbackFull.ttf',
    '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
    '/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc',
    '/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc',
    '/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc',
    '/usr/share/fonts/truetype/NotoSansCJK-Regular.ttc',
    '/usr/share/fonts/truetype/wqy/wqy-microhei.ttc',
    '/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc',
    '/usr/share/fonts/truetype/arphic/uming.ttc',
  ],
}

export function cjkFont(isThere: (path: string) => boolean, platform = process.platform): string | null {
  return byPlatform[platform]?.find(isThere) ?? null
}
