/** What people call codecs, where that is not FFmpeg's name in capitals. Apart, as a table. */

const names: Readonly<Record<string, string>> = {
  // video
  h261: 'H.261',
  h263: 'H.263',
  h264: 'H.264',
  hevc: 'H.265',
  vvc: 'H.266',
  mpeg1video: 'MPEG-1',
  mpeg2video: 'MPEG-2',
  mpeg4: 'MPEG-4',
  msmpeg4v2: 'MPEG-4 (Microsoft v2)',
  msmpeg4v3: 'MPEG-4 (Microsoft v3)',
  mjpeg: 'Motion JPEG',
  prores: 'ProRes',
  dnxhd: 'DNxHD',
  theora: 'Theora',
  flv1: 'Sorenson Spark',
  wmv1: 'WMV 7',
  wmv2: 'WMV 8',
  wmv3: 'WMV 9',
  vc1: 'VC-1',
  dvvideo: 'DV',
  qtrle: 'QuickTime Animation',
  cinepak: 'Cinepak',
  rawvideo: 'RGB/YUV',
  // audio
  aac: 'AAC',
  ac3: 'AC-3',
  eac3: 'E-AC-3',
  truehd: 'TrueHD',
  dts: 'DTS',
  vorbis: 'Vorbis',
  opus: 'Opus',
  speex: 'Speex',
  wavpack: 'WavPack',
  ape: "Monkey's Audio",
  wmav1: 'WMA 1',
  wmav2: 'WMA 2',
  wmapro: 'WMA Pro',
  wmalossless: 'WMA Lossless',
  amr_nb: 'AMR',
  amr_wb: 'AMR-WB',
  pcm_alaw: 'A-law',
  pcm_mulaw: 'µ-law',
  // subtitles
  subrip: 'SubRip',
  srt: 'SubRip',
  ass: 'ASS',
  ssa: 'SSA',
  webvtt: 'WebVTT',
  mov_text: 'MP4 text',
  text: 'text',
  hdmv_pgs_subtitle: 'PGS',
  hdmv_text_subtitle: 'HDMV text',
  dvd_subtitle: 'DVD',
  dvb_subtitle: 'DVB',
  dvb_teletext: 'Teletext',
  xsub: 'XSUB',
  eia_608: 'CEA-608',
  // data
  tmcd: 'time code',
  bin_data: 'binary data',
  timed_id3: 'timed ID3',
  scte_35: 'SCTE-35',
  klv: 'KLV',
  ttf: 'TrueType',
  otf: 'OpenType',
}

/** `PGS` for `hdmv_pgs_subtitle`, `PCM 24 bit` for `pcm_s24le`. */
export function codecName(codec: string): string {
  const own = Object.hasOwn(names, codec) ? names[codec] : undefined
  if (own !== undefined) return own
  const pcm = /^pcm_[suf](\d+)(?:le|be)?$/.exec(codec)
  if (pcm !== null) return `PCM ${pcm[1]} bit`
  // Four letters of a container are shown as they stand there.
  return /^[a-z0-9_]+$/.test(codec) && codec.length > 0 ? codec.toUpperCase().replaceAll('_', ' ') : codec
}
