"""Moving in what a community wrote elsewhere: `reading` reads the files row by row, `rows` says
what a row means, `authors` names who wrote it, `moving_in` is the act."""
