//! From values to the curves of a chart: pure geometry, no drawing.

use crate::model::History;

/// The width and the height of the drawing, which the page stretches to fit.
pub const WIDTH: f64 = History::SECONDS as f64;
pub const HEIGHT: f64 = 100.0;

/// Where a value of this age stands; beyond the frame's left edge when too old.
pub fn point(age: u64, value: f64, ceiling: f64) -> (f64, f64) {
    let share = if ceiling > 0.0 { value / ceiling } else { 0.0 };
    (WIDTH - age as f64, HEIGHT * (1.0 - share.clamp(0.0, 1.0)))
}

/// A round number at or above `largest`, and never below `least`: the top of a
/// chart whose values know no bound of their own.
pub fn ceiling(largest: f64, least: f64) -> f64 {
    let largest = largest.max(least);
    if !largest.is_finite() || largest <= 0.0 {
        return least;
    }
    let magnitude = 10f64.powf(largest.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * magnitude).find(|top| *top >= largest).unwrap_or(largest)
}

/// A smooth line through points whose `x` grow, as the `d` of an SVG path.
///
/// The curve is monotone between two points (Fritsch and Carlson, 1980), so it
/// never swings below zero or above the ceiling, as a plain spline would.
pub fn line(points: &[(f64, f64)]) -> String {
    let Some((x, y)) = points.first() else {
        return String::new();
    };
    let mut path = format!("M{} {}", coordinate(*x), coordinate(*y));
    let slopes = slopes(points);
    for (pair, slope) in points.windows(2).zip(slopes.windows(2)) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let third = (x1 - x0) / 3.0;
        let curve = [x0 + third, y0 + third * slope[0], x1 - third, y1 - third * slope[1], x1, y1];
        path.push('C');
        path.push_str(&curve.map(coordinate).join(" "));
    }
    path
}

/// The surface below the same line.
pub fn area(points: &[(f64, f64)]) -> String {
    match (points.first(), points.last()) {
        (Some(first), Some(last)) => {
            format!("{}L{} {HEIGHT}L{} {HEIGHT}Z", line(points), coordinate(last.0), coordinate(first.0),)
        }
        _ => String::new(),
    }
}

/// The steepness of the curve at each point.
fn slopes(points: &[(f64, f64)]) -> Vec<f64> {
    let secants: Vec<f64> = points.windows(2).map(|pair| (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0)).collect();
    let inner = secants.windows(2).map(|pair| {
        if pair[0] * pair[1] <= 0.0 {
            // A summit, a valley or a plain: flat, so that nothing overshoots.
            0.0
        } else {
            2.0 / (1.0 / pair[0] + 1.0 / pair[1])
        }
    });
    let first = secants.first().copied().unwrap_or_default();
    let last = secants.last().copied().unwrap_or_default();
    std::iter::once(first).chain(inner).chain(std::iter::once(last)).collect()
}

/// Two decimals are finer than any screen, and shorter than an `f64`.
fn coordinate(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // `-0` would be a character for nothing.
    (rounded + 0.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stands_by_its_age_and_its_share() {
        assert_eq!(point(0, 100.0, 100.0), (120.0, 0.0));
        assert_eq!(point(120, 25.0, 100.0), (0.0, 75.0));
        assert_eq!(point(121, 0.0, 100.0), (-1.0, 100.0));
    }

    #[test]
    fn values_out_of_bounds_stay_in_the_frame() {
        assert_eq!(point(0, 250.0, 100.0).1, 0.0);
        assert_eq!(point(0, -1.0, 100.0).1, 100.0);
        assert_eq!(point(0, 5.0, 0.0).1, 100.0);
    }

    #[test]
    fn ceilings_are_round() {
        assert_eq!(ceiling(0.0, 10_000.0), 10_000.0);
        assert_eq!(ceiling(10_001.0, 10_000.0), 20_000.0);
        assert_eq!(ceiling(20_001.0, 10_000.0), 50_000.0);
        assert_eq!(ceiling(50_001.0, 10_000.0), 100_000.0);
        assert_eq!(ceiling(f64::NAN, 10_000.0), 10_000.0);
        assert_eq!(ceiling(f64::INFINITY, 10_000.0), 10_000.0);
    }

    #[test]
    fn few_points_draw_what_there_is() {
        assert_eq!(line(&[]), "");
        assert_eq!(area(&[]), "");
        assert_eq!(line(&[(1.0, 2.0)]), "M1 2");
        assert_eq!(line(&[(0.0, 0.0), (3.0, 3.0)]), "M0 0C1 1 2 2 3 3");
        assert_eq!(area(&[(0.0, 0.0), (3.0, 3.0)]), "M0 0C1 1 2 2 3 3L3 100L0 100Z");
    }

    #[test]
    fn the_curve_never_leaves_the_span_of_its_neighbours() {
        let points: Vec<_> = [0.0, 0.0, 100.0, 0.0, 40.0, 41.0, 100.0, 100.0]
            .into_iter()
            .enumerate()
            .map(|(x, y)| (x as f64, y))
            .collect();
        for (pair, slope) in points.windows(2).zip(slopes(&points).windows(2)) {
            let (low, high) = (pair[0].1.min(pair[1].1), pair[0].1.max(pair[1].1));
            // The curve lies within the hull of its control points.
            for control in [pair[0].1 + slope[0] / 3.0, pair[1].1 - slope[1] / 3.0] {
                assert!((low..=high).contains(&control), "{control} is outside of {low}..{high}");
            }
        }
    }
}
