"""Prints what a file of data holds as JSON, figures as they are written: python3 data-reader.py FORMAT FILE"""
import csv, json, sys, tomllib, zipfile
import xml.etree.ElementTree as ET

form, path = sys.argv[1:]
csv.field_size_limit(1 << 27)


def element(e):
    if len(e) == 0 and not e.attrib:
        return e.text or ''
    return {**{'@' + k: v for k, v in e.attrib.items()}, '#': [[c.tag, element(c)] for c in e] or e.text}


def cells():
    main = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
    with zipfile.ZipFile(path) as z:
        assert z.testzip() is None
        for name in z.namelist():
            ET.fromstring(z.read(name))
        sheet = ET.fromstring(z.read('xl/worksheets/sheet1.xml'))
    for row in sheet.iter(main + 'row'):
        yield [[c.get('r'), c.get('t', 'n') + c.get('s', ''), ''.join(c.itertext())] for c in row.iter(main + 'c')]


if form in ('csv', 'tsv'):
    with open(path, newline='', encoding='utf-8') as f:
        found = list(csv.reader(f, delimiter='\t' if form == 'tsv' else ','))
elif form == 'json':
    found = json.load(open(path, encoding='utf-8'), parse_float=str, parse_int=str)
elif form == 'ndjson':
    found = [json.loads(line, parse_float=str, parse_int=str) for line in open(path, encoding='utf-8')]
elif form == 'toml':
    found = tomllib.load(open(path, 'rb'), parse_float=str)
elif form == 'xml':
    root = ET.parse(path).getroot()
    found = [root.tag, element(root)]
elif form == 'xlsx':
    found = list(cells())
print(json.dumps(found, default=str))
