/** Programs that Beside or its tests start: found on PATH, else installed by a package manager where it asks nothing, else named. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export const known = {
  ffmpeg: {
    title: 'FFmpeg',
    programs: ['ffmpeg', 'ffprobe'],
    packages: {
      'apt-get': 'ffmpeg',
      brew: 'ffmpeg',
      winget: 'Gyan.FFmpeg',
      dnf: 'ffmpeg-free',
      pacman: 'ffmpeg',
      zypper: 'ffmpeg',
    },
    home: 'https://ffmpeg.org/download.html',
  },
  poppler: {
    title: 'Poppler, by which tests read PDF files,',
    programs: ['pdftocairo', 'pdfinfo', 'pdftotext'],
    packages: { 'apt-get': 'poppler-utils', brew: 'poppler', dnf: 'poppler-utils', pacman: 'poppler', zypper: 'poppler-tools' },
    home: 'https://poppler.freedesktop.org/',
  },
  libreoffice: {
    title: 'LibreOffice, by which documents are converted where the one that comes with Beside does not do it,',
    programs: ['soffice'],
    packages: {
      'apt-get': 'libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui libreoffice-draw-nogui',
      brew: 'libreoffice',
      winget: 'TheDocumentFoundation.LibreOffice',
      dnf: 'libreoffice-writer libreoffice-calc libreoffice-impress',
      pacman: 'libreoffice-fresh',
      zypper: 'libreoffice',
    },
    home: 'https://www.libreoffice.org/download',
  },
  heif: {
    title: 'libheif, by which HEIC is written,',
    programs: ['heif-enc', 'heif-info'],
    packages: {
      'apt-get': 'libheif-examples',
      brew: 'libheif',
      dnf: 'libheif-tools',
      pacman: 'libheif',
      zypper: 'libheif-examples',
    },
    home: 'https://github.com/strukturag/libheif',
  },
  jxl: {
    title: 'libjxl, by which tests read JPEG XL,',
    programs: ['djxl', 'cjxl'],
    packages: { 'apt-get': 'libjxl-tools', brew: 'jpeg-xl', dnf: 'libjxl-utils', pacman: 'libjxl', zypper: 'libjxl-tools' },
    home: 'https://github.com/libjxl/libjxl',
  },
  archives: {
    title: '7-Zip, Info-ZIP, Zstandard, Python and what makes ISO and CAB, by which tests make and read archives,',
    programs: ['7zz', 'unzip', 'zstd', 'python3', 'genisoimage', 'gcab'],
    packages: { 'apt-get': '7zip unzip zstd python3 genisoimage gcab' },
    home: 'https://7-zip.org',
  },
  fonttools: {
    title: 'fontTools with Brotli, by which tests make and read fonts,',
    programs: ['fonttools', 'brotli'],
    packages: { 'apt-get': 'fonttools python3-brotli brotli', brew: 'fonttools brotli' },
    home: 'https://github.com/fonttools/fonttools',
  },
  fontforge: {
    title: 'FontForge, which draws the outlines of fonts anew,',
    programs: ['fontforge'],
    packages: {
      'apt-get': 'fontforge-nox',
      brew: 'fontforge',
      winget: 'FontForge.FontForge',
      dnf: 'fontforge',
      pacman: 'fontforge',
      zypper: 'fontforge',
    },
    home: 'https://fontforge.org',
  },
  qpdf: {
    title: 'qpdf, by which tests check PDF files,',
    programs: ['qpdf'],
    packages: { 'apt-get': 'qpdf', brew: 'qpdf', dnf: 'qpdf', pacman: 'qpdf', zypper: 'qpdf' },
    home: 'https://qpdf.sourceforge.io',
  },
  postgres: {
    title: 'PostgreSQL, which carries the work of a fleet,',
    // The server itself is on nobody's PATH on Debian; this comes with it.
    programs: ['psql'],
    packages: {
      'apt-get': 'postgresql',
      brew: 'postgresql@17',
      dnf: 'postgresql-server',
      pacman: 'postgresql',
      zypper: 'postgresql-server',
      winget: 'PostgreSQL.PostgreSQL.17',
    },
    home: 'https://www.postgresql.org',
  },
  ghostscript: {
    title: 'Ghostscript, which makes PDF/A and reads PostScript,',
    programs: ['gs'],
    packages: { 'apt-get': 'ghostscript', brew: 'ghostscript', dnf: 'ghostscript', pacman: 'ghostscript', zypper: 'ghostscript' },
    home: 'https://ghostscript.com',
  },
  djvulibre: {
    title: 'DjVuLibre, which reads DjVu,',
    programs: ['ddjvu', 'c44'],
    packages: { 'apt-get': 'djvulibre-bin', brew: 'djvulibre', dnf: 'djvulibre', pacman: 'djvulibre', zypper: 'djvulibre' },
    home: 'https://djvu.sourceforge.net',
  },
  ocr: {
    title: 'Tesseract with French, and OCRmyPDF, which recognize text,',
    programs: ['tesseract', 'ocrmypdf'],
    packages: {
      'apt-get': 'tesseract-ocr tesseract-ocr-fra ocrmypdf',
      brew: 'tesseract-lang ocrmypdf',
      dnf: 'tesseract tesseract-langpack-fra ocrmypdf',
    },
    home: 'https://ocrmypdf.readthedocs.io',
  },
  exiftool: {
    title: 'ExifTool, by which tests read what results say,',
    programs: ['exiftool'],
    packages: {
      'apt-get': 'libimage-exiftool-perl',
      brew: 'exiftool',
      dnf: 'perl-Image-ExifTool',
      pacman: 'perl-image-exiftool',
      zypper: 'exiftool',
    },
    home: 'https://exiftool.org',
  },
  catdoc: {
    title: 'catdoc, by which tests read files of Office before 2007,',
    programs: ['catdoc', 'xls2csv', 'catppt'],
    packages: { 'apt-get': 'catdoc', brew: 'catdoc', dnf: 'catdoc', pacman: 'catdoc', zypper: 'catdoc' },
    home: 'https://www.wagner.pp.ru/~vitus/software/catdoc/',
  },
  mutagen: {
    title: 'Mutagen, by which tests read tags,',
    programs: ['mutagen-inspect'],
    packages: { 'apt-get': 'python3-mutagen', dnf: 'python3-mutagen', pacman: 'python-mutagen' },
    home: 'https://mutagen.readthedocs.io',
  },
  pandoc: {
    title: 'Pandoc',
    programs: ['pandoc'],
    packages: {
      'apt-get': 'pandoc',
      brew: 'pandoc',
      winget: 'JohnMacFarlane.Pandoc',
      dnf: 'pandoc',
      pacman: 'pandoc-cli',
      zypper: 'pandoc',
    },
    home: 'https://pandoc.org/installing.html',
  },
  calibre: {
    title: 'Calibre',
    programs: ['ebook-convert', 'ebook-meta'],
    packages: {
      'apt-get': 'calibre',
      brew: 'calibre',
      winget: 'calibre.calibre',
      dnf: 'calibre',
      pacman: 'calibre',
      zypper: 'calibre',
    },
    home: 'https://calibre-ebook.com/download',
  },
  nsis: {
    title: 'NSIS, by which tests compile what the installer of Windows includes,',
    programs: ['makensis'],
    packages: { 'apt-get': 'nsis', brew: 'makensis', dnf: 'mingw32-nsis' },
    home: 'https://nsis.sourceforge.io/Download',
  },
  'desktop-files': {
    title: 'desktop-file-validate, by which tests check menus,',
    programs: ['desktop-file-validate'],
    packages: {
      'apt-get': 'desktop-file-utils',
      dnf: 'desktop-file-utils',
      pacman: 'desktop-file-utils',
      zypper: 'desktop-file-utils',
    },
    home: 'https://www.freedesktop.org/wiki/Software/desktop-file-utils/',
  },
  xmllint: {
    title: 'xmllint, by which tests check menus,',
    programs: ['xmllint'],
    packages: { 'apt-get': 'libxml2-utils', dnf: 'libxml2', pacman: 'libxml2', zypper: 'libxml2-tools' },
    home: 'https://gitlab.gnome.org/GNOME/libxml2',
  },
  plist: {
    title: 'plistutil, by which tests check the menus of macOS,',
    programs: ['plistutil'],
    packages: {
      'apt-get': 'libplist-utils',
      brew: 'libplist',
      dnf: 'libplist',
      pacman: 'libplist',
      zypper: 'libplist-2_0-utils',
    },
    home: 'https://libimobiledevice.org',
  },
  chromium: {
    title: 'Chromium, in which the window is tested,',
    programs: ['chromium'],
    packages: { 'apt-get': 'chromium', dnf: 'chromium', pacman: 'chromium', zypper: 'chromium' },
    home: 'https://www.chromium.org/getting-involved/download-chromium/',
  },
}

/** Those with `install` are run; what the others would install was never tried, so they are only named. */
const managers = [
  {
    program: 'apt-get',
    needsRoot: true,
    typed: 'sudo apt-get install',
    install: ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends'],
    refresh: ['-o', 'DPkg::Lock::Timeout=120', 'update'],
  },
  { program: 'brew', needsRoot: false, typed: 'brew install', install: ['install'] },
  {
    program: 'winget',
    needsRoot: false,
    typed: 'winget install',
    install: ['install', '--exact', '--accept-source-agreements', '--accept-package-agreements', '--id'],
  },
  { program: 'dnf', needsRoot: true, typed: 'sudo dnf install' },
  { program: 'pacman', needsRoot: true, typed: 'sudo pacman -S' },
  { program: 'zypper', needsRoot: true, typed: 'sudo zypper install' },
]

/** Whether all its programs are there in the end. */
export function ensure({ title, programs, packages, home }) {
  const isThere = () => programs.every(isOnPath)
  if (isThere()) return true
  const manager = managers.find(({ program }) => isOnPath(program) && packages[program] !== undefined)
  if (manager === undefined) return say(`${title} is missing. Take it from ${home} and put it on PATH, then run this again.`)
  const wanted = packages[manager.program]
  const cure = `Type \`${manager.typed} ${wanted}\`, then run this again.`
  const before = manager.needsRoot ? rootPrefix() : []
  if (manager.install === undefined || before === null) return say(`${title} is missing. ${cure}`)

  say(`Installing ${wanted} with ${manager.program}.`)
  const run = (args) => {
    const [program, ...rest] = [...before, manager.program, ...args]
    return spawnSync(program, rest, quiet)
  }
  let result = run([...manager.install, ...wanted.split(' ')])
  if (result.status !== 0 && manager.refresh !== undefined) {
    run(manager.refresh)
    result = run([...manager.install, ...wanted.split(' ')])
  }
  if (isThere()) return true
  if (result.status === 0) return say(`${title} was installed, but is not on PATH yet. Open a new terminal, then run this again.`)
  return say(`${result.error?.message ?? result.stderr.trim()}\n${title} could not be installed. ${cure}`)
}

const quiet = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }

function isOnPath(program) {
  const file = process.platform === 'win32' ? `${program}.exe` : program
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, file), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** What to put before a command that needs root: nothing, sudo where it asks for no password, or null. */
function rootPrefix() {
  if (process.getuid?.() === 0) return []
  const isFree = isOnPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
  return isFree ? ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive'] : null
}

/** Says it and answers that something is not there. */
function say(text) {
  console.error(`setup: ${text}`)
  return false
}
