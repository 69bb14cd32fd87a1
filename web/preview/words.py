"""What the pages of the preview say of states."""

STATUSES = {"draft": "Brouillon", "pretest": "En pré-test", "approved": "Approuvée", "retired": "Retirée"}
TONES = {"draft": "wait", "pretest": "wait", "approved": "go", "retired": "off"}
ACTIONS = {"open": "à traiter", "mended": "corrigé", "kept": "gardé"}
