"""Arrays on disks that may be full."""

import numpy as np

from classifier.core.disk_arrays import array_on_disk


def test_the_space_is_taken_at_once(tmp_path):
    path = tmp_path / "a.npy"
    made = array_on_disk(path, (1024, 1024))

    assert path.stat().st_blocks * 512 >= made.nbytes, "a sparse file: a later write may end the process"
    made[3] = 7
    made.flush()
    read = np.load(path, mmap_mode="r")
    assert read.shape == (1024, 1024)
    assert read[3].tolist() == [7] * 1024
