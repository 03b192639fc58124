"""Fonts for tests, made of a real one by fontTools, and what fontTools finds in a font. Prints JSON."""
import hashlib, json, struct, sys
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.sfnt import calcChecksum
from fontTools.varLib.instancer import instantiateVariableFont


def make(source, folder):
    variable = TTFont(source)
    few = Subsetter(Options(layout_features=['*'], name_IDs=['*'], notdef_outline=True, glyph_names=True))
    few.populate(text='Beside Äß0123fi, ')
    few.subset(variable)
    variable.flavor = None
    variable.save(f'{folder}/variable.ttf')
    static = instantiateVariableFont(TTFont(f'{folder}/variable.ttf'), {'wght': 400})
    static.save(f'{folder}/static.ttf')
    cubic(static).save(f'{folder}/cubic.otf')
    static['OS/2'].fsType = 2
    static.save(f'{folder}/restricted.ttf')
    both = TTCollection()
    both.fonts = [TTFont(f'{folder}/static.ttf'), TTFont(f'{folder}/static.ttf')]
    both.save(f'{folder}/both.ttc')
    spoken = TTFont(f'{folder}/static.ttf')
    spoken.flavor = 'woff'
    spoken.flavorData = None
    spoken.save(f'{folder}/bare.woff')
    from fontTools.ttLib.sfnt import WOFFFlavorData
    for flavor in ('woff', 'woff2'):
        spoken.flavor = flavor
        spoken.flavorData = WOFFFlavorData()
        spoken.flavorData.metaData = b'<metadata version="1.0"/>'
        spoken.save(f'{folder}/spoken.{flavor}')


def cubic(static):
    """The same glyphs with cubic curves."""
    glyphs, order = static.getGlyphSet(), static.getGlyphOrder()
    strings = {}
    for name in order:
        pen = T2CharStringPen(glyphs[name].width, glyphs)
        glyphs[name].draw(pen)
        strings[name] = pen.getCharString()
    made = FontBuilder(static['head'].unitsPerEm, isTTF=False)
    made.setupGlyphOrder(order)
    made.setupCharacterMap(static.getBestCmap())
    made.setupCFF('Cubic', {'FullName': 'Cubic'}, strings, {})
    made.setupHorizontalMetrics({name: static['hmtx'][name] for name in order})
    made.setupHorizontalHeader(ascent=static['hhea'].ascent, descent=static['hhea'].descent)
    made.setupNameTable({'familyName': 'Cubic', 'styleName': 'Regular'})
    made.setupOS2(sTypoAscender=static['OS/2'].sTypoAscender)
    made.setupPost()
    made.font['GPOS'] = static['GPOS']
    made.font['GDEF'] = static['GDEF']
    return made.font


def read(path):
    font = TTFont(path)
    glyphs = font.getGlyphSet()
    outlines = {}
    for name in font.getGlyphOrder():
        pen = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(pen)
        outlines[name] = [glyphs[name].width, hashlib.sha1(repr(pen.value).encode()).hexdigest()[:12]]
    return {
        'flavor': font.flavor,
        'outlines': 'otf' if font.sfntVersion == 'OTTO' else 'ttf',
        'glyphs': outlines,
        'characters': {str(code): name for code, name in font.getBestCmap().items()},
        'names': sorted({(n.nameID, n.toUnicode()) for n in font['name'].names}),
        'tables': sorted(tag for tag in font.keys() if tag != 'GlyphOrder'),
        'axes': [axis.axisTag for axis in font['fvar'].axes] if 'fvar' in font else [],
        'inside': '' if font.flavorData is None or font.flavorData.metaData is None else font.flavorData.metaData.decode(),
        'sound': None if font.flavor else sound(path),
    }


def sound(path):
    """Whether all checksums are right."""
    data = open(path, 'rb').read()
    for n in range(struct.unpack('>H', data[4:6])[0]):
        tag, stated, offset, length = struct.unpack('>4sLLL', data[12 + n * 16 : 28 + n * 16])
        table = bytearray(data[offset : offset + length])
        if tag == b'head':
            table[8:12] = bytes(4)
        if calcChecksum(bytes(table)) != stated:
            return False
    return calcChecksum(data) == 0xB1B0AFBA


if __name__ == '__main__':
    if sys.argv[1] == 'make':
        make(sys.argv[2], sys.argv[3])
    else:
        print(json.dumps(read(sys.argv[2])))
