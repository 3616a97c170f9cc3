"""All public sets by name: load one, see which are there, fetch one.

>>> from edgekit.data.public import registry
>>> registry.card("esc50").metric
'mean accuracy over the 5 folds'
"""

import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from edgekit.data.archive import extract
from edgekit.data.dataset import Dataset
from edgekit.data.fetch import fetch
from edgekit.data.public.cards import Card, File, card, cards
from edgekit.data.public.place import find, package_file

READERS = {name: f"edgekit.data.public.{name}" for name in cards()}
READERS |= {"mimic_perform_af": "edgekit.data.public.mimic_perform", "heartpy": "edgekit.data.public.heartpy_windows",
            "welltory": "edgekit.data.public.welltory_windows"}
# A file of each set, by which its folder is known.
SIGNS = {"cifar10": "data_batch_1", "visual_wake_words": "person/*.jpg", "speech_commands": "yes/*.wav",
         "mimii": "*_dB_*/*/id_*/normal/*.wav", "dcase2020": "*/train/normal_id_*.wav", "esc50": "meta/esc50.csv",
         "ppg_dalia": "S[0-9]*/S[0-9]*.pkl", "bidmc": "bidmc_*_Signals.csv",
         "mimic_perform_af": "mimic_perform_*_data.csv", "welltory": "data/subject_*/PPG.csv",
         "lfw": "Aaron_*/Aaron_*_0001.jpg", "olivetti": "s1/*.pgm", "mlperf_tiny": "*_hist_librosa.bin",
         "person_detection": "person.bmp"}


def load(name: str, split: str, purpose: str = "select", folder=None, **options) -> Dataset:
    """The public set `name`, one split of it, in the form of the embedded sets.

    purpose: as in `edgekit.data.load`, "report" for the sealed test split. folder: EDGEKIT_DATA by default. Options
    are those of the set's own `load` (fold=, machine=, held_out=, limit=, ...). Raises ValueError for an unknown
    name, split or option and a damaged file, FileNotFoundError where the set is not there.
    """
    known = card(name)
    if split not in known.splits:
        raise ValueError(f"load: split of {name} must be {' or '.join(known.splits)}, got {split!r}; its official "
                         f"split: {known.official_split}")
    if purpose not in ("select", "report"):
        raise ValueError(f"load: purpose must be 'select' or 'report', got {purpose!r}")
    if split == "test" and purpose != "report":
        raise ValueError(f"load: the test split of {name} is sealed; choose by 'val', and pass purpose='report' only "
                         "for a figure by which nothing is chosen")
    reader = import_module(READERS[name])
    try:
        inspect.signature(reader.load).bind(folder=folder, split=split, **options)
    except TypeError as error:
        known_options = [key for key in inspect.signature(reader.load).parameters if key not in ("folder", "split")]
        raise ValueError(f"load: {name}: {error}; its options are: {', '.join(known_options) or 'none'}") from None
    return reader.load(folder=folder, split=split, **options)


def found(name: str, folder=None) -> Path:
    """Where the set `name` lies. FileNotFoundError, with a remedy, where it does not."""
    known = card(name)
    if known.package:
        files = {"heartpy": "heartpy/data/data.csv", "scikit-image": "skimage/data/lfw_subset.npy",
                 "scikit-learn": "sklearn/datasets/data/digits.csv.gz"}
        return package_file(known.package, name, files[known.package]).parent
    return find(name, SIGNS[name], folder)


def download(name: str, parts: tuple[str, ...], into: Path, progress: Callable | None = None, keep: bool = False,
             schemes=("https",)) -> list[Path]:
    """Fetch and unpack parts of a set below `into`/`name`; return the folders and files made.

    parts: names on the card, or ("all",). keep: leave the archives. progress(file, done, total).
    Raises ValueError for a set without addresses or an unknown part, FetchError as `edgekit.data.fetch`.
    """
    return [_bring(file, into / name, progress, keep, schemes) for file in chosen_parts(card(name), parts)]


def chosen_parts(of: Card, parts: tuple[str, ...]) -> list[File]:
    """The files of a card that `parts` name. Without any: the only one, or an error that lists them."""
    if not of.files:
        by_hand = f"get it from {of.homepage} and put its folder in EDGEKIT_DATA/{of.name}"
        how = f"pip install {of.package}" if of.package else by_hand
        raise ValueError(f"fetch: {of.name} has no address to fetch from; {how}")
    names = [file.part for file in of.files]
    if not parts and len(names) > 1:
        raise ValueError(f"fetch: {of.name} has {len(names)} parts ({of.size}): choose with --part NAME or --part all; "
                         f"known: {', '.join(names)}")
    if not parts or parts == ("all",):
        return list(of.files)
    unknown = [part for part in parts if part not in names]
    if unknown:
        raise ValueError(f"fetch: {of.name} has no part {unknown[0]!r}; known: {', '.join(names)}")
    return [file for file in of.files if file.part in parts]


def archive_name(file: File) -> str:
    """The name under which a file is kept while it is fetched; some addresses end in a mere number."""
    name = file.wanted.name
    return name if not name.isdigit() else file.part if "." in file.part else f"{file.part}.tgz"


def _bring(file: File, place: Path, progress, keep: bool, schemes) -> Path:
    target = place / archive_name(file)
    told = (lambda done, total: progress(file, done, total)) if progress else None
    fetch(file.wanted, target, told, schemes=schemes)
    if not file.packed:
        return target
    made = extract(target, place / file.into)
    if file.inner:
        inner = next((path for path in made if path.name == file.inner), None)
        if inner is None:
            raise ValueError(f"fetch: {target} holds no {file.inner}; the publisher changed it, see the page of "
                             "the set")
        extract(inner, inner.parent)
        inner.unlink()
    if not keep:
        target.unlink()
    return place / file.into


__all__ = ["Card", "archive_name", "card", "cards", "chosen_parts", "download", "found", "load"]
