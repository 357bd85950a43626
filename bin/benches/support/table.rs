//! A plain table, with what was aimed at beside what was measured.

/// Rows under headings.
pub(crate) struct Table {
    rows: Vec<[String; 6]>,
}

/// What a figure is measured against: at most so much.
pub(crate) type Target = Option<f64>;

impl Table {
    /// Without rows.
    pub(crate) fn new() -> Self {
        let head = ["", "ours", "against", "figure", "target", ""];
        Self { rows: vec![head.map(str::to_owned)] }
    }

    /// A ratio of seconds.
    pub(crate) fn ratio(&mut self, what: &str, ours: f64, against: f64, target: Target) {
        let ratio = ours / against;
        let cells = [format!("{ours:.2} s"), format!("{against:.2} s"), format!("{ratio:.2} x")];
        self.row(what, cells, "x", ratio, target);
    }

    /// A plain figure.
    pub(crate) fn figure(&mut self, what: &str, figure: f64, unit: &str, target: Target) {
        let cells = [String::new(), String::new(), format!("{figure:.1} {unit}")];
        self.row(what, cells, unit, figure, target);
    }

    fn row(&mut self, what: &str, cells: [String; 3], unit: &str, figure: f64, target: Target) {
        let verdict = match target {
            Some(most) if figure <= most => "met",
            Some(_) => "NOT MET",
            None => "",
        };
        let aim = target.map(|most| format!("<= {most} {unit}")).unwrap_or_default();
        let [ours, against, figure] = cells;
        self.rows.push([what.to_owned(), ours, against, figure, aim, verdict.to_owned()]);
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = |i: usize| self.rows.iter().map(|row| row[i].chars().count()).max();
        let widths: Vec<_> = (0..6).map(|i| width(i).unwrap_or_default()).collect();
        for row in &self.rows {
            let line: Vec<_> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(i, (cell, width))| match i {
                    0 | 5 => format!("{cell:<width$}"),
                    _ => format!("{cell:>width$}"),
                })
                .collect();
            writeln!(f, "{}", line.join("  ").trim_end())?;
        }
        Ok(())
    }
}
