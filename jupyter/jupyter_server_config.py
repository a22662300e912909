# What the course asks of JupyterLab; read from here, while everything written goes to .course/.
c = get_config()
c.LabApp.default_url = "/lab/tree/00_start_here.ipynb"  # also where Binder starts it
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
c.ServerApp.ip = "127.0.0.1"
c.KernelSpecManager.allowed_kernelspecs = {"python3"}
c.LanguageServerManager.autodetect = False  # its search for servers runs npm, which writes to the home folder
