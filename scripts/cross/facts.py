"""Prints facts about binaries as JSON: facts.py FILE..."""

import json
import sys

import lief

lief.logging.disable()

ARCHITECTURES = {"X86_64": "x64", "AARCH64": "arm64", "AMD64": "x64", "ARM64": "arm64"}


def facts(path):
    binary = lief.parse(path)
    interpreter = None
    if isinstance(binary, lief.ELF.Binary):
        form, machine = "elf", binary.header.machine_type.name
        versions = [
            version.name
            for library in binary.symbols_version_requirement
            for version in library.get_auxiliary_symbols()
        ]
        interpreter = binary.interpreter if binary.has_interpreter else None
        libraries = list(binary.libraries)
        imports = [symbol.name for symbol in binary.imported_symbols]
        symbols = len(list(binary.symtab_symbols))
    elif isinstance(binary, lief.MachO.Binary):
        form, machine = "mach-o", binary.header.cpu_type.name
        versions = ["macOS_{}.{}".format(*binary.build_version.minos)]
        libraries = [library.name for library in binary.libraries if library.command.name != "ID_DYLIB"]
        imports = [symbol.name for symbol in binary.imported_symbols]
        # The linker adds symbols for its own calls into libraries.
        symbols = sum(
            symbol.category.name == "LOCAL" and not symbol.name.endswith("__thunk") for symbol in binary.symbols
        )
    elif isinstance(binary, lief.PE.Binary):
        form, machine, versions = "pe", binary.header.machine.name, []
        libraries = [library.name for library in binary.imports]
        imports = [entry.name for library in binary.imports for entry in library.entries]
        symbols = 0
    else:
        sys.exit(f"{path} is no binary")
    return {
        "format": form,
        "architecture": ARCHITECTURES.get(machine, machine),
        "interpreter": interpreter,
        "libraries": sorted(libraries),
        "versions": sorted(versions),
        "exports": sorted(function.name for function in binary.exported_functions),
        "imports": sorted(imports),
        "symbols": symbols,
    }


print(json.dumps([facts(path) for path in sys.argv[1:]]))
