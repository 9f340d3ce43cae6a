from dataclasses import replace

import numpy as np
from conftest import make_kinematics, make_rep

from formcheck.data import Report
from formcheck.report import render_files
from formcheck.report.tables import angles_csv


def test_angles_have_a_row_a_sample_and_empty_cells_for_what_was_not_seen() -> None:
    assert angles_csv(make_kinematics(4)) == (
        "time_s,hip_flexion_deg,knee_flexion_deg,trunk_deg,thigh_deg,shank_deg,hip_back_leg,lumbar_deg,reconstructed,"
        "bar_x_leg,bar_y_leg,bar_x_m,bar_y_m\n"
        "0.0000,,,,,,,,0,,,,\n"
        "0.1000,1.0000,0.2500,0.5000,-0.5000,0.0000,0.0033,,0,,,,\n"
        "0.2000,2.0000,0.5000,1.0000,-1.0000,0.0000,0.0067,,1,,,,\n"
        "0.3000,3.0000,0.7500,1.5000,-1.5000,0.0000,0.0100,,0,,,,\n"
    )


def test_a_small_negative_angle_is_no_minus_zero() -> None:
    text = angles_csv(make_kinematics(1, channels={"lumbar_deg": np.array([-0.00001])}))
    assert text.splitlines()[1] == "0.0000,,,,,,,0.0000,0,,,,"


def test_a_set_without_samples_is_a_header() -> None:
    text = angles_csv(make_kinematics(95, time_s=np.zeros(0), channels={}, reconstructed=np.zeros(0, dtype=bool)))
    assert text.splitlines()[1:] == []


def test_reps_have_the_columns_of_the_json(report: Report) -> None:
    cut_off = replace(make_rep(2), eccentric_s=np.nan)
    text = render_files(replace(report, reps=(make_rep(1), cut_off, make_rep(3, complete=False))))["reps.csv"]
    assert text == (
        "number,complete,start_s,turn_s,stop_s,eccentric_s,pause_s,concentric_s,"
        "hip_flexion_max_deg,knee_flexion_max_deg,trunk_max_deg,bar_eccentric_m_s,bar_concentric_m_s\n"
        "1,1,0.5000,2.0000,3.0000,1.5000,0.2000,0.8000,29.0000,7.2500,14.5000,,\n"
        "2,1,3.5000,5.0000,6.0000,,0.2000,0.8000,59.0000,14.7500,29.5000,,\n"
        "3,0,6.5000,8.0000,9.0000,1.5000,0.2000,0.8000,89.0000,22.2500,44.5000,,\n"
    )
