/**
 * All engines of this machine as data, in the order in which they are asked: of those that are there, the first that makes the pair with all the
 * options takes the job. What comes with Beside stands before programs unless a program does it better. Nothing is loaded for this.
 * Apart, as the one place that says the order.
 */
import type { EngineFacts } from './engine.ts'
import { bookPairings } from './books/pairings.ts'
import { calibreNeed, calibrePairings, pandocNeed, pandocPairings } from './books/program-pairings.ts'
import { dataPairings, sheetPairings } from './data/pairings.ts'
import { subtitlePairings, trackPairings } from './subtitles/pairings.ts'
import { archivePairings } from './archives/pairings.ts'
import { fontForgeNeed, fontPairings, redrawnPairings } from './fonts/pairings.ts'
import { framePairings } from './frames/pairings.ts'
import { heicPairings } from './images/heic-pairings.ts'
import { imagePairings } from './images/pairings.ts'
import { officePairings, pagePicturePairings, sofficePairings } from './office/pairings.ts'
import { byOfficePairings, markupPairings } from './markup/pairings.ts'
import { magickPairings } from './magick/pairings.ts'
import { mediaPairings } from './media/pairings.ts'
import { djvuPairings, ghostscriptPairings, pdfPairings } from './pdf/pairings.ts'
import { speechPairings } from './speech/pairings.ts'
import { ocrmypdfPairings, ocrPairings, tesseractPairings } from './ocr/pairings.ts'

const tesseract = {
  program: 'tesseract',
  title: 'Tesseract',
  packages: {
    apt: 'tesseract-ocr',
    dnf: 'tesseract',
    pacman: 'tesseract',
    zypper: 'tesseract-ocr',
    brew: 'tesseract',
    winget: 'UB-Mannheim.TesseractOCR',
  },
}
const ghostscript = {
  program: 'gs',
  title: 'Ghostscript',
  packages: {
    apt: 'ghostscript',
    dnf: 'ghostscript',
    pacman: 'ghostscript',
    zypper: 'ghostscript',
    brew: 'ghostscript',
    winget: 'ArtifexSoftware.GhostScript',
  },
}
const djvu = {
  program: 'ddjvu',
  title: 'DjVuLibre',
  packages: { apt: 'djvulibre-bin', dnf: 'djvulibre', pacman: 'djvulibre', zypper: 'djvulibre', brew: 'djvulibre' },
}
const ocrmypdf = {
  program: 'ocrmypdf',
  title: 'OCRmyPDF',
  packages: { apt: 'ocrmypdf', dnf: 'ocrmypdf', zypper: 'ocrmypdf', brew: 'ocrmypdf' },
}
const heifEnc = {
  program: 'heif-enc',
  title: 'libheif',
  packages: { apt: 'libheif-examples', dnf: 'libheif-tools', pacman: 'libheif', zypper: 'libheif-examples', brew: 'libheif' },
}
const whisperCpp = { program: 'whisper-cli', title: 'whisper.cpp', packages: { brew: 'whisper-cpp', pacman: 'whisper.cpp' } }
const whisper = { program: 'whisper', title: 'Whisper', packages: { brew: 'openai-whisper' } }
const ffmpeg = { program: 'ffmpeg', title: 'FFmpeg', packages: {} }
const libreOffice = {
  program: 'soffice',
  title: 'LibreOffice',
  packages: {
    apt: 'libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui libreoffice-draw-nogui',
    dnf: 'libreoffice-writer libreoffice-calc libreoffice-impress',
    pacman: 'libreoffice-fresh',
    zypper: 'libreoffice',
    brew: '--cask libreoffice',
    winget: 'TheDocumentFoundation.LibreOffice',
  },
}

export const engineTable = [
  { id: 'images', title: 'libvips', needs: null, pairings: imagePairings },
  { id: 'pdf', title: 'PDFium', needs: null, pairings: pdfPairings },
  { id: 'ghostscript', title: 'Ghostscript', needs: ghostscript, pairings: ghostscriptPairings },
  { id: 'djvu', title: 'DjVuLibre', needs: djvu, pairings: djvuPairings },
  { id: 'magick', title: 'ImageMagick', needs: null, pairings: magickPairings },
  { id: 'heif-enc', title: 'libheif', needs: heifEnc, pairings: heicPairings },
  { id: 'media', title: 'FFmpeg', needs: ffmpeg, pairings: mediaPairings },
  { id: 'frames', title: 'FFmpeg', needs: ffmpeg, pairings: framePairings },
  { id: 'fonts', title: 'wawoff2', needs: null, pairings: fontPairings },
  { id: 'fontforge', title: 'FontForge', needs: fontForgeNeed, pairings: redrawnPairings },
  // Keeps more of the source, and finds the orientation of pages by data of its own.
  { id: 'ocrmypdf', title: 'OCRmyPDF', needs: ocrmypdf, pairings: ocrmypdfPairings },
  // Of the same make, and faster.
  { id: 'tesseract', title: 'Tesseract', needs: tesseract, pairings: tesseractPairings },
  { id: 'ocr', title: 'tesseract.js', needs: null, pairings: ocrPairings },
  { id: 'data', title: 'Beside', needs: null, pairings: dataPairings },
  // Before LibreOffice: of values alone it is faster by far, and their sheets become a file each.
  { id: 'sheets', title: 'SheetJS', needs: null, pairings: sheetPairings },
  { id: 'markup', title: 'marked', needs: null, pairings: markupPairings },
  { id: 'books', title: 'Beside', needs: null, pairings: bookPairings },
  { id: 'subtitles', title: 'Beside', needs: null, pairings: subtitlePairings },
  { id: 'tracks', title: 'FFmpeg', needs: ffmpeg, pairings: trackPairings },
  { id: 'archives', title: '7-Zip', needs: null, pairings: archivePairings },
  {
    id: 'office',
    title: 'LibreOffice (built in)',
    make: 'LibreOffice',
    needs: null,
    instead: libreOffice,
    pairings: officePairings,
  },
  {
    id: 'byOffice',
    title: 'LibreOffice (built in)',
    make: 'LibreOffice',
    needs: null,
    instead: libreOffice,
    pairings: byOfficePairings,
  },
  {
    id: 'pagePictures',
    title: 'LibreOffice (built in)',
    make: 'LibreOffice',
    needs: null,
    instead: libreOffice,
    pairings: pagePicturePairings,
  },
  { id: 'soffice', title: 'LibreOffice', needs: libreOffice, pairings: sofficePairings },
  { id: 'bySoffice', title: 'LibreOffice', needs: libreOffice, pairings: byOfficePairings },
  { id: 'pagePicturesBySoffice', title: 'LibreOffice', needs: libreOffice, pairings: pagePicturePairings },
  { id: 'pandoc', title: 'Pandoc', needs: pandocNeed, pairings: pandocPairings },
  { id: 'calibre', title: 'Calibre', needs: calibreNeed, pairings: calibrePairings },
  { id: 'whisper-cpp', title: 'whisper.cpp', needs: whisperCpp, pairings: speechPairings },
  { id: 'whisper', title: 'Whisper', needs: whisper, pairings: speechPairings },
] as const satisfies readonly EngineFacts[]

export type EngineId = (typeof engineTable)[number]['id']
